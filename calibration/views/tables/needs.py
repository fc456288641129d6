"""What a campaign asks of its researchers now, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from annotation.models import Campaign
from calibration.models import Run
from calibration.views.tables import tasks
from calibration.views.tables.annotators import AnnotatorRow

NAMED = 3


@dataclass(frozen=True, slots=True)
class Need:
    """One line of a queue: a sign, a link, and why."""

    kind: str
    sign: str
    title: str
    line: str
    href: str


def needs(
    campaign: Campaign, run: Run, annotators: Sequence[AnnotatorRow], totals: tasks.Totals, newer: int
) -> list[Need]:
    concerned = [row for row in annotators if row.concerns]
    found = [_look(campaign, concerned)] if concerned else []
    if newer:
        title = _counted(newer, "newer row of judgment", "newer rows of judgment")
        found.append(Need("next", "drift", title, f"not in run {run.pk} yet", _href("runs", campaign)))
    if totals.open:
        title = _counted(totals.open, "task is open", "tasks are open")
        line = f"posterior below {tasks.SURE:.2f}; one more judgment tells most at the least sure"
        found.append(Need("next", "next", title, line, _href("tasks", campaign)))
    if not run.exports.exists():
        line = "its judgments and estimates as immutable files"
        found.append(Need("next", "lock", f"Run {run.pk} is not released", line, _href("releases", campaign)))
    return found


def _look(campaign: Campaign, concerned: Sequence[AnnotatorRow]) -> Need:
    names = ", ".join(f"{row.annotator.name} ({', '.join(row.concerns)})" for row in concerned[:NAMED])
    more = f", and {len(concerned) - NAMED:,} more" if len(concerned) > NAMED else ""
    title = _counted(len(concerned), "annotator needs a look", "annotators need a look")
    return Need("warn", "warn", title, names + more, _href("annotators", campaign))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _href(page: str, campaign: Campaign) -> str:
    return reverse(f"calibration:{page}", args=[campaign.slug])
