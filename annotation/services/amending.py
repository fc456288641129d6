"""Amend a rubric: the next version is locked beside the old one, and what nobody has opened is judged by it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import (
    Assignment,
    Campaign,
    JudgeRequest,
    Judgment,
    QualificationAnswer,
    Rubric,
    Task,
    User,
)
from annotation.permissions import check_may_change
from annotation.services import audit, campaigns
from annotation.services.campaigns import CriterionDraft, RubricRefused
from annotation.services.intake.material import snapshot

# More than a page can move while somebody waits; beyond it only new imports follow the new version.
MOST_MOVED = 5_000


@transaction.atomic
def amend(*, campaign: Campaign, guide: str, criteria: Sequence[CriterionDraft], by: User) -> tuple[Rubric, int]:
    """Lock the next version and return it with how many untouched tasks follow it; touched ones keep theirs."""
    check_may_change(by, campaign)
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    before = locked.rubric
    made = campaigns.lock_rubric(locked, guide=guide, criteria=criteria, by=by)
    if made.sha256 == before.sha256:
        raise RubricRefused("Nothing differs from the version in force.")
    if _untouched(locked).count() > MOST_MOVED:
        return made, 0
    rows = list(_untouched(locked).select_for_update(of=("self",), skip_locked=True, no_key=True))
    # A lease may have been given between the look and the lock.
    still = set(_untouched(locked).filter(pk__in=[task.pk for task in rows]).values_list("pk", flat=True))
    moved = [_moved(task, made) for task in rows if task.pk in still]
    Task.objects.bulk_update(moved, ["rubric", "snapshot_sha256", "salt", "commitment"], batch_size=500)
    audit.record_all("task.amend", moved, by=by, campaign=locked)
    return made, len(moved)


def _untouched(campaign: Campaign) -> QuerySet[Task]:
    """Keep tasks that nobody, person or judge, has seen."""
    traces = (Assignment, Judgment, QualificationAnswer, JudgeRequest)
    found = Task.objects.filter(campaign=campaign).select_related("prompt", "response_a", "response_b")
    for trace in traces:
        found = found.filter(~Exists(trace._default_manager.filter(task=OuterRef("pk"))))
    return found.order_by("pk")


def _moved(task: Task, rubric: Rubric) -> Task:
    task.rubric = rubric
    shown = [response for response in (task.response_a, task.response_b) if response]
    task.snapshot_sha256 = snapshot(task.prompt, shown, rubric)
    audit.seal(task)
    return task
