"""Which judgments of the record are asked for: explicit filters, each narrowing the others."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.models import Annotator, Campaign, Judgment, System, Task
from calibration.models import Run

NOTHING = "(none)"
"""What a slice calls rows without a value; as a filter it asks for them."""
USES = {
    "model": "In the estimates",
    "agreement": "In agreement",
    "repeat": "Repeats",
    "nonverdict": "Without a verdict",
    "corrected": "Corrected later",
    "retracted": "Taken back",
    "newer": "Newer than the run",
}
MIXED = {"human-judge": Q(annotator__kind__in=["human", "judge"]), "not-human": ~Q(annotator__kind="human")}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which judgments are asked for; every part is optional and narrows the others."""

    run: Run | None = None
    use: str = ""
    criterion: str = ""
    annotator: Annotator | None = None
    partner: Annotator | None = None
    system: System | None = None
    against: System | None = None
    task: Task | None = None
    kind: str = ""
    tag: str = ""
    pool: str = ""
    language: str = ""
    outcome: str = ""
    order: str = ""
    since: date | None = None
    before: date | None = None
    dated: str = ""
    paired: bool = False

    @property
    def up_to(self) -> int | None:
        """Return the last row that the run saw; None stands for the record as it is now."""
        return (self.run.last_judgment_id or 0) if self.run else None

    def given(self) -> dict[str, Any]:
        """Return the parts that narrow."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}


def found(campaign: Campaign, filters: Filters) -> QuerySet[Judgment]:
    """Return the judgments that the filters hold."""
    rows = whatever_use(campaign, filters).filter(_used(campaign, filters.use, filters.up_to))
    return _compared(rows, filters) if filters.paired or filters.partner else rows


def whatever_use(campaign: Campaign, filters: Filters) -> QuerySet[Judgment]:
    """Return the judgments that the filters hold but for their use."""
    rows = Judgment.objects.filter(campaign=campaign)
    return rows.filter(_about(filters) & _of_task(filters) & _window(filters))


def is_corrected(campaign: Campaign, up_to: int | None) -> Q:
    """Find rows whose place a later one had taken by then: a short list, which the database hashes once."""
    later = Judgment.objects.filter(campaign=campaign, supersedes__isnull=False)
    if up_to is not None:
        later = later.filter(pk__lte=up_to)
    return Q(pk__in=later.values("supersedes"))


def _used(campaign: Campaign, use: str, up_to: int | None) -> Q:
    seen = Q() if up_to is None else Q(pk__lte=up_to)
    corrected = is_corrected(campaign, up_to)
    last = seen & ~corrected
    verdict = last & Q(is_retraction=False, outcome__in=Judgment.VERDICTS)
    return {
        "": Q(),
        "model": verdict,
        "agreement": verdict & Q(round=0),
        "repeat": verdict & Q(round__gt=0),
        "nonverdict": last & Q(is_retraction=False) & ~Q(outcome__in=Judgment.VERDICTS),
        "corrected": seen & corrected,
        "retracted": last & Q(is_retraction=True),
        "newer": Q(pk__in=[]) if up_to is None else Q(pk__gt=up_to),
    }[use]


def _about(filters: Filters) -> Q:
    wanted = Q()
    if filters.criterion:
        wanted &= Q(criterion__key=filters.criterion)
    if filters.outcome:
        wanted &= Q(outcome=filters.outcome)
    if filters.order:
        wanted &= Q(shown_order=None if filters.order == "unknown" else filters.order)
    if filters.annotator:
        wanted &= Q(annotator__in=[who for who in (filters.annotator, filters.partner) if who])
    if filters.kind:
        wanted &= MIXED.get(filters.kind) or Q(annotator__kind=filters.kind)
    return wanted


def _of_task(filters: Filters) -> Q:
    wanted = Q()
    if filters.task:
        wanted &= Q(task=filters.task)
    for system in (filters.system, filters.against):
        if system:
            wanted &= Q(task__response_a__system=system) | Q(task__response_b__system=system)
    if filters.pool:
        wanted &= Q(task__pool=filters.pool)
    if filters.language:
        wanted &= Q(task__prompt__language="" if filters.language == NOTHING else filters.language)
    if filters.tag:
        holds = Q(task__tags__contains=[filters.tag])
        wanted &= (holds | Q(task__tags__len=0)) if filters.tag == NOTHING else holds
    return wanted


def _window(filters: Filters) -> Q:
    wanted = Q()
    if filters.since:
        wanted &= Q(submitted_at__gte=_midnight(filters.since))
    if filters.before:
        wanted &= Q(submitted_at__lt=_midnight(filters.before))
    if filters.dated:
        wanted &= Q(submitted_at__isnull=filters.dated == "no")
    return wanted


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _compared(rows: QuerySet[Judgment], filters: Filters) -> QuerySet[Judgment]:
    """Keep judgments of tasks that another annotator among them judged by the same criterion; across kinds if asked."""
    others = rows.filter(task=OuterRef("task"), criterion__key=OuterRef("criterion__key"))
    others = others.exclude(annotator=OuterRef("annotator"))
    if filters.kind == "human-judge":
        others = others.exclude(annotator__kind=OuterRef("annotator__kind"))
    return rows.filter(Exists(others))
