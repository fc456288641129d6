"""Win rates by the rules of judging tools beside the model's, for the systems of one campaign."""

from dataclasses import dataclass

import pandas as pd
from django.db.models import Max

from annotation.models import Annotator, Campaign, Criterion, Judgment
from calibration import frames
from calibration.models import Run, Standing
from calibration.validity import alpaca_eval, win_rates
from calibration.validity.results import Estimate

MOST_JUDGES, MOST_SYSTEMS = 4, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One system: ours, people's plain win rate, and each judge's by the two rules of the tools."""

    system: str
    ours: Estimate | None
    people: Estimate
    judges: list[tuple[Estimate, Estimate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """One judge in the columns of AlpacaEval's evaluators' table."""

    name: str
    columns: dict[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the page shows."""

    judges: list[str]
    rows: list[Row]
    evaluators: list[Evaluator]


def compare(campaign: Campaign, run: Run | None, criterion: Criterion | None) -> Comparison:
    """Count as the tools count, and read what the last passed run estimates."""
    up_to = Judgment.objects.filter(campaign=campaign).aggregate(last=Max("pk"))["last"] or 0
    wanted = criterion or campaign.rubric.criteria.order_by("position").first()
    frame = frames.judgments(campaign, criterion=wanted, up_to=up_to)
    people = frame[(frame["annotator_kind"] == "human") & (frame["round"] == 0)]
    ids = list(frame.loc[frame["annotator_kind"] == "judge", "annotator"].value_counts().index[:MOST_JUDGES])
    found = Annotator.objects.filter(public_id__in=ids).values_list("public_id", "name")
    names = {str(public_id): name for public_id, name in found}
    systems = sorted({*frame["system_a"], *frame["system_b"]})[:MOST_SYSTEMS]
    ours = _ours(run, wanted)
    parts = {judge: frame[frame["annotator"] == judge] for judge in ids}
    return Comparison(
        judges=[names[judge] for judge in ids],
        rows=[_row(system, ours.get(system), people, list(parts.values())) for system in systems],
        evaluators=[
            Evaluator(name=names[judge], columns=alpaca_eval.evaluator(_of(frame, judge), judge)) for judge in ids
        ],
    )


def _of(frame: pd.DataFrame, judge: str) -> pd.DataFrame:
    """Keep people's first answers and everything of the judge."""
    return frame[(frame["annotator"] == judge) | ((frame["annotator_kind"] == "human") & (frame["round"] == 0))]


def _row(system: str, ours: Estimate | None, people: pd.DataFrame, judges: list[pd.DataFrame]) -> Row:
    return Row(
        system=system,
        ours=ours,
        people=win_rates.plain(people, system),
        judges=[(win_rates.plain(part, system), win_rates.order_consistent(part, system)) for part in judges],
    )


def _ours(run: Run | None, criterion: Criterion | None) -> dict[str, Estimate]:
    if run is None or criterion is None:
        return {}
    rows = Standing.objects.filter(run=run, criterion=criterion).select_related("system")
    return {
        row.system.key: Estimate(
            name="win probability", value=row.win_probability, ci_low=row.win_low, ci_high=row.win_high,
            ci_level=row.ci_level, n=row.n, recipe="posterior mean over opponents",
        )
        for row in rows
    }  # fmt: skip
