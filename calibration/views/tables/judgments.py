"""The judgments behind a figure: which rows of the record they are, and why a row does not count."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, Q, Value, When

from annotation.models import Campaign, Judgment, Response
from calibration.views.tables import judgment_filters
from calibration.views.tables.judgment_filters import USES, Filters

PAGE = 50
STANDINGS = {
    "first": ("Yes", "in the estimates and in agreement"),
    "repeat": ("In the estimates", "a repeat: agreement takes the first round only"),
    "nonverdict": ("No", "no verdict on a pair (none given, or about one response): counted, not fitted"),
    "corrected": ("No", "a later answer of the same annotator takes its place"),
    "retracted": ("No", "the annotator took the answer back"),
    "newer": ("Not yet", "recorded after the run had read the record"),
}
USE_OF = {"first": "agreement"} | {name: name for name in STANDINGS if name != "first"}
SIDES = {"ab": "A left", "ba": "B left"}
RELATED = ("annotator", "criterion", "task__response_a__system", "task__response_b__system")
LONG = ("rationale", "comment", "extra", "task__response_a__text", "task__response_a__html") + (
    "task__response_b__text",
    "task__response_b__html",
)


@dataclass(frozen=True, slots=True)
class JudgmentRow:
    """One row of the record as the page shows it."""

    judgment: Judgment
    chose: str
    shown: str
    counts: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the asked judgments count in one way, or do not."""

    use: str
    label: str
    why: str
    n: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the filter holds: the figures' n must be found here."""

    judgments: int
    tasks: int
    annotators: int


def page(campaign: Campaign, filters: Filters, *, before: int | None) -> tuple[list[JudgmentRow], int | None]:
    """Return one page, the newest first, and the key that the next one begins after."""
    rows = (
        judgment_filters.found(campaign, filters).annotate(standing=_standing(campaign, filters.up_to)).order_by("-pk")
    )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    shown = list(rows.select_related(*RELATED).defer(*LONG)[: PAGE + 1])
    following = shown[PAGE - 1].pk if len(shown) > PAGE else None
    return [_row(row) for row in shown[:PAGE]], following


def totals(campaign: Campaign, filters: Filters) -> Totals:
    rows = judgment_filters.found(campaign, filters).order_by()
    # Three hashed counts are several times faster than one that sorts a million rows twice.
    return Totals(rows.count(), *(rows.values(name).distinct().count() for name in ("task", "annotator")))


def standings(campaign: Campaign, filters: Filters) -> list[Standing]:
    """Count the judgments that the filter would hold whatever their use, by what becomes of them."""
    rows = (
        judgment_filters.whatever_use(campaign, filters)
        .annotate(standing=_standing(campaign, filters.up_to))
        .order_by()
    )
    counted = dict(rows.values_list("standing").annotate(n=Count("pk")))
    return [Standing(USE_OF[name], USES[USE_OF[name]], STANDINGS[name][1], counted.get(name, 0)) for name in STANDINGS]


def _standing(campaign: Campaign, up_to: int | None) -> Case:
    newer = [] if up_to is None else [When(pk__gt=up_to, then=Value("newer"))]
    return Case(
        *newer,
        When(judgment_filters.is_corrected(campaign, up_to), then=Value("corrected")),
        When(is_retraction=True, then=Value("retracted")),
        When(~Q(outcome__in=Judgment.VERDICTS), then=Value("nonverdict")),
        When(round__gt=0, then=Value("repeat")),
        default=Value("first"),
        output_field=CharField(),
    )


def _row(row: Any) -> JudgmentRow:
    counts, why = STANDINGS[row.standing]
    return JudgmentRow(row, _chose(row), SIDES.get(row.shown_order or "", "not known"), counts, why)


def _chose(row: Judgment) -> str:
    if row.is_retraction:
        return "Nothing"
    sides: Mapping[str, Response | None] = {"a": row.task.response_a, "b": row.task.response_b}
    if side := sides.get(row.outcome):
        return f"{row.outcome.upper()}, {side.system.name}"
    if row.rating is not None:
        return str(row.rating)
    if row.labels is not None:
        return ", ".join(row.labels) or "no label applies"
    return str(row.get_outcome_display())
