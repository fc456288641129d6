"""One task: its texts as they were rendered at import, every judgment, and its posterior."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from annotation.models import Campaign, Criterion, Judgment, Task
from calibration.models import ItemEstimate, Run
from calibration.views.figures import Figure
from calibration.views.tables import tasks

JUDGMENTS_SHOWN = 200
SIDES = {"ab": "A left", "ba": "B left"}
CONSENSUS = {"A": "A better", "B": "B better", "tie": "Tie"}


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """The posterior of a task's outcome by one criterion."""

    criterion: Criterion
    consensus: str
    sure: float
    is_sure: bool
    preference: Figure
    p_a: float
    p_tie: float
    p_b: float
    pooled: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class JudgmentRow:
    judgment: Judgment
    chose: str
    shown: str

    @property
    def active_seconds(self) -> float | None:
        return None if self.judgment.active_ms is None else self.judgment.active_ms / 1000


def found(campaign: Campaign) -> QuerySet[Task]:
    return Task.objects.filter(campaign=campaign).select_related(
        "prompt", "response_a__system", "response_b__system", "rubric"
    )


def name(task: Task) -> str:
    return f"T-{task.pk}"


def estimates(task: Task, run: Run | None) -> list[EstimateRow]:
    stored = ItemEstimate.objects.filter(task=task, run=run).select_related("criterion").order_by("criterion__position")
    return [_estimate(row) for row in stored]


def _estimate(row: ItemEstimate) -> EstimateRow:
    outcome, sure = tasks.likeliest(row)
    return EstimateRow(
        criterion=row.criterion,
        consensus=CONSENSUS[outcome],
        sure=sure,
        is_sure=sure >= tasks.SURE,
        preference=tasks.preference(row),
        p_a=row.p_a,
        p_tie=row.p_tie,
        p_b=row.p_b,
        pooled=_pooled(row),
    )


def _pooled(row: ItemEstimate) -> tuple[float, float, float] | None:
    if row.pooled_a is None or row.pooled_tie is None or row.pooled_b is None:
        return None
    return row.pooled_a, row.pooled_tie, row.pooled_b


def judgments(task: Task) -> Sequence[JudgmentRow]:
    """Return the effective judgments, verdicts or not, people first."""
    rows = (
        Judgment.objects.filter(task=task)
        .effective()
        .select_related("annotator", "criterion")
        .order_by("criterion__position", "annotator__kind", "annotator__name", "round", "pk")[:JUDGMENTS_SHOWN]
    )
    return [JudgmentRow(row, row.get_outcome_display(), SIDES.get(row.shown_order or "", "not known")) for row in rows]
