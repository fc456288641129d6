"""The five readings of a campaign: how far it has come, how far people agree, how old the run is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q
from django.utils.translation import ngettext

from annotation.models import Annotator, Campaign, Criterion, Judgment, Task
from calibration.models import Run
from calibration.views import evidence, figures
from calibration.views.figures import AGREEMENT, Figure, Scale
from calibration.views.tables import agreement
from calibration.views.tables.agreement import AgreementRow

IS_HUMAN = Q(annotator__kind=Annotator.Kind.HUMAN)


@dataclass(frozen=True, slots=True)
class Reading:
    """One term with its figure, and the mark or the progress that belongs to it."""

    term: str
    hint: str
    value: str = ""
    range: str = ""
    shown: Figure | None = None
    scale: Scale | None = None
    kind: str = "human"
    done: int | None = None
    total: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the record holds of a campaign now."""

    people: int
    machines: int
    evaluators: int
    tasks_judged: int
    tasks: int
    planned: int


def progress(campaign: Campaign) -> Progress:
    """Count effective judgments, in two queries whatever the campaign's size."""
    judged = (
        Judgment.objects.filter(campaign=campaign)
        .effective()
        .verdicts()
        .aggregate(
            people=Count("pk", filter=IS_HUMAN),
            machines=Count("pk", filter=~IS_HUMAN),
            evaluators=Count("annotator", filter=IS_HUMAN, distinct=True),
            tasks_judged=Count("task", distinct=True),
        )
    )
    tasks = Task.objects.filter(campaign=campaign)
    asked = tasks.aggregate(tasks=Count("pk"), servable=Count("pk", filter=Q(is_servable=True)))
    criteria = Criterion.objects.filter(rubric__campaign=campaign).values("key").distinct().count()
    return Progress(**judged, tasks=asked["tasks"], planned=asked["servable"] * campaign.overlap * criteria)


def readings(
    now: Progress, campaign: Campaign, run: Run | None, rows: Sequence[AgreementRow], newer: int, *, part: str = ""
) -> list[Reading]:
    everything = evidence.href(campaign, use="model")
    return [
        replace(_judgments(now), href=evidence.href(campaign, use="model", kind="human")),
        replace(_tasks(now), href=everything),
        _alpha(agreement.between_people(rows, agreement.HEADLINE_METRIC, part=part)),
        _same_choice(agreement.between_people(rows, agreement.SAME_CHOICE, part=part)),
        replace(_age(run, newer), href=evidence.href(campaign, run=run, use="newer") if newer else ""),
    ]


def _judgments(now: Progress) -> Reading:
    by = ngettext("by %(n)s evaluator", "by %(n)s evaluators", now.evaluators) % {"n": _count(now.evaluators)}
    hint = f"{by}; judges add {_count(now.machines)}" if now.machines else by
    if now.planned < now.people or not now.planned:
        return Reading("Judgments", hint, value=_count(now.people))
    return Reading(
        "Judgments",
        hint,
        value=_count(now.people),
        range=f"of {_count(now.planned)}",
        done=now.people,
        total=now.planned,
    )


def _tasks(now: Progress) -> Reading:
    left = now.tasks - now.tasks_judged
    hint = f"{_count(left)} without any judgment" if left else "every task has a judgment"
    return Reading(
        "Tasks judged",
        hint if now.tasks else "no tasks yet",
        value=_count(now.tasks_judged),
        range=f"of {_count(now.tasks)}",
        done=now.tasks_judged if now.tasks else None,
        total=now.tasks or None,
    )


def _alpha(row: AgreementRow | None) -> Reading:
    return _agreement("Agreement α", row, "evaluators, nominal")


def _same_choice(row: AgreementRow | None) -> Reading:
    return _agreement("Same choice, two evaluators", row, "chance included")


def _agreement(term: str, row: AgreementRow | None, hint: str) -> Reading:
    if row is None:
        return Reading(term, "known after the first run that passes", value="–")
    if row.shown is None:
        return Reading(term, row.why_not, value="–")
    noun = "task" if row.shown.n == 1 else "tasks"
    return Reading(
        term, f"{hint}, n = {_count(row.shown.n)} {noun}", shown=row.shown, scale=AGREEMENT, href=row.paired_href
    )


def _age(run: Run | None, newer: int) -> Reading:
    if run is None:
        return Reading("Calibration", "no run has passed yet", value="–")
    hint = f"{_count(newer)} newer rows of judgment" if newer else "no judgment since"
    return Reading("Calibration", f"run {run.pk}, {hint}", value=figures.age(run.finished_at))


def newer(run: Run | None, campaign: Campaign) -> int:
    """Count the rows recorded after the run's snapshot."""
    if run is None or run.last_judgment_id is None:
        return 0
    return Judgment.objects.filter(campaign=campaign, pk__gt=run.last_judgment_id).count()


def _count(value: int) -> str:
    return figures.number(value, digits=0)
