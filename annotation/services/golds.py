"""Author known answers: each with its reason, each change with its event."""

from django.db import transaction

from annotation.models import Campaign, Gold, Task, User
from annotation.permissions import check_may_change
from annotation.services import audit

OUTCOMES = ("a", "b", "tie", "both_bad")


class GoldRefused(ValueError):
    """The known answer cannot be taken as it is."""


@transaction.atomic
def set_answer(*, task: Task, outcome: str, justification: str, by: User) -> Gold:
    """Give a comparison its known answer, or correct it; attempts that were judged by the old one keep it."""
    check_may_change(by, task.campaign)
    if task.task_type != Campaign.TaskType.COMPARISON:
        raise GoldRefused("Known answers are for comparisons.")
    if outcome not in OUTCOMES:
        raise GoldRefused("Choose the known answer: a, b, tie or both bad.")
    if not justification.strip():
        raise GoldRefused("Say why this is the answer. People who differ will read it.")
    locked = Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    gold = Gold.objects.filter(task=locked).first() or Gold(task=locked)
    gold.outcome, gold.justification = outcome, justification.strip()
    audit.save(gold, "gold.set", by=by, campaign=task.campaign)
    if locked.pool != "gold":
        locked.pool = "gold"
        audit.seal(locked)
        locked.save(update_fields=["pool", "salt", "commitment"])
    return gold
