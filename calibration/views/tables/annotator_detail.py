"""What one annotator's page shows: estimates on their scales, counts, and answers unlike the consensus."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, FilteredRelation, FloatField, Min, Q
from django.db.models.aggregates import Aggregate

from annotation.models import Annotator, Campaign, Criterion, Judgment
from calibration.models import Estimate, Run
from calibration.views import figures
from calibration.views.figures import RELIABILITY, SHARE, Figure, Scale
from calibration.views.tables import tasks
from calibration.views.tables.annotators import SIGNED

Quantity = Estimate.Quantity
DIFFERENCES_SHOWN = 10
OUTCOME_WORDS = {"a": "A better", "b": "B better", "tie": "Tie", "both_bad": "Both bad"}
CONSENSUS_WORDS = {"A": "A better", "B": "B better", "tie": "Tie"}


@dataclass(frozen=True, slots=True)
class QuantityRow:
    name: str
    shown: Figure
    scale: Scale
    meaning: str

    @property
    def limits(self) -> str:
        low, high = (figures.number(end, signed=self.scale.signed) for end in (self.scale.low, self.scale.high))
        return f"{low} to {high}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts of one annotator in one campaign, from the record and not from a run."""

    judgments: int
    tasks: int
    since: datetime | None
    median_ms: float | None
    first_chosen: int
    first_known: int
    gold_right: int
    gold: int

    @property
    def median_seconds(self) -> float | None:
        return None if self.median_ms is None else self.median_ms / 1000


@dataclass(frozen=True, slots=True)
class Difference:
    judgment: Judgment
    excerpt: str
    chose: str
    consensus: str
    sure: float


@dataclass(frozen=True, slots=True)
class Differences:
    rows: list[Difference]
    total: int


class Median(Aggregate):
    """The middle value, by PostgreSQL's percentile_cont."""

    function = "percentile_cont"
    template = "%(function)s(0.5) within group (order by %(expressions)s)"
    output_field = FloatField()


def _discrimination(shown: Figure) -> Scale:
    return figures.from_zero([shown], reference=1.0)


MEANINGS: dict[str, tuple[str, Callable[[Figure], Scale], str]] = {
    Quantity.RELIABILITY: (
        "Reliability",
        lambda shown: RELIABILITY,
        f"Chance of the consensus answer on a typical task. Line: {figures.RELIABILITY_LINE:.2f}",
    ),
    Quantity.DISCRIMINATION: (
        "Discrimination",
        _discrimination,
        "How sharply the answers follow a difference in quality. Line: 1, the evaluators’ mean",
    ),
    Quantity.POSITION_SHIFT: (
        "Position bias",
        lambda shown: figures.around_zero([shown]),
        "Shift of probability toward the answer shown first, between equal answers",
    ),
    Quantity.POSITION_BIAS: (
        "Position bias, log-odds",
        lambda shown: figures.around_zero([shown]),
        "The same on the scale of the model",
    ),
    Quantity.LENGTH_BIAS: (
        "Length bias, log-odds",
        lambda shown: figures.around_zero([shown]),
        "Toward the longer answer, for a typical difference in length",
    ),
    Quantity.TIE_WIDTH: (
        "Tie width",
        lambda shown: figures.from_zero([shown]),
        "How close two answers must be to be called a tie",
    ),
    Quantity.TIE_RATE: ("Ties", lambda shown: SHARE, "Share of answers that are a tie or both bad"),
}


def estimates(annotator: Annotator, run: Run | None, criterion: Criterion | None) -> list[QuantityRow]:
    found = {row.quantity: row for row in Estimate.objects.filter(run=run, criterion=criterion, annotator=annotator)}
    made = []
    for quantity, (name, scale, meaning) in MEANINGS.items():
        if row := found.get(quantity):
            shown = figures.of(row, signed=quantity in SIGNED)
            made.append(QuantityRow(name, shown, scale(shown), meaning))
    return made


def note(rows: Sequence[QuantityRow], run: Run | None) -> str:
    """Say what the estimates stand on."""
    if run is None or not rows:
        return ""
    return f"Run {run.pk}, 90% intervals, n = {max(row.shown.n for row in rows):,} judgments"


def facts(annotator: Annotator, campaign: Campaign) -> Facts:
    """Count what the record holds of this annotator, in one query."""
    first = Q(outcome="a", shown_order="ab") | Q(outcome="b", shown_order="ba")
    return Facts(
        **Judgment.objects.filter(annotator=annotator, campaign=campaign)
        .effective()
        .verdicts()
        .aggregate(
            judgments=Count("pk"),
            tasks=Count("task", distinct=True),
            since=Min("submitted_at"),
            median_ms=Median("active_ms"),
            first_chosen=Count("pk", filter=first),
            first_known=Count("pk", filter=Q(outcome__in=["a", "b"], shown_order__isnull=False)),
            gold_right=Count("pk", filter=Q(task__gold__outcome=F("outcome"))),
            gold=Count("pk", filter=Q(task__gold__isnull=False)),
        )
    )


def differences(annotator: Annotator, run: Run | None, criterion: Criterion | None) -> Differences:
    """Find the answers that are not the likeliest outcome of their task, newest first."""
    if run is None or criterion is None:
        return Differences([], 0)
    found = (
        Judgment.objects.filter(annotator=annotator, campaign=run.campaign_id, criterion__key=criterion.key)
        .effective()
        .verdicts()
        .annotate(
            item=FilteredRelation(
                "task__estimates", condition=Q(task__estimates__run=run, task__estimates__criterion=criterion)
            )
        )
        .filter(_unlike_consensus())
        .annotate(p_a=F("item__p_a"), p_tie=F("item__p_tie"), p_b=F("item__p_b"))
    )
    newest = found.select_related("task__prompt").defer("task__prompt__html").order_by("-pk")[:DIFFERENCES_SHOWN]
    return Differences([_difference(row) for row in newest], found.count())


def _unlike_consensus() -> Q:
    a, tie, b = F("item__p_a"), F("item__p_tie"), F("item__p_b")
    chose_tie = Q(outcome__in=["tie", "both_bad"])
    return (
        (Q(outcome="a") & (Q(item__p_a__lt=tie) | Q(item__p_a__lt=b)))
        | (Q(outcome="b") & (Q(item__p_b__lt=tie) | Q(item__p_b__lt=a)))
        | (chose_tie & (Q(item__p_tie__lt=a) | Q(item__p_tie__lt=b)))
    )


def _difference(row: Judgment) -> Difference:
    consensus, sure = tasks.likeliest(row)  # type: ignore[arg-type]
    return Difference(
        judgment=row,
        excerpt=tasks.excerpt(row.task.prompt),
        chose=OUTCOME_WORDS[row.outcome],
        consensus=CONSENSUS_WORDS[consensus],
        sure=sure,
    )
