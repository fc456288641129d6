"""Author known answers: each with its reason, each change with its event."""

from django.db import transaction
from django.db.models import Count, F, Q

from annotation.models import Annotator, Campaign, Gold, Judgment, Task, User
from annotation.permissions import check_may_change
from annotation.services import audit, passing, rubrics
from annotation.tasktypes import comparison

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


def models_measured(campaign: Campaign) -> list[passing.Model]:
    """Count, for each judge, how many known answers of a campaign it gives: what an applicant who copies it would."""
    rows = (
        Judgment.objects.filter(campaign=campaign, annotator__kind=Annotator.Kind.JUDGE, criterion__position=0)
        .filter(task__pool="gold", task__gold__isnull=False)
        .first_round()
        .effective()
        .verdicts()
    )
    right = Count("pk", filter=Q(outcome=F("task__gold__outcome")))
    counted = rows.order_by("annotator__name").values("annotator__name").annotate(n=Count("pk"), right=right)
    return [passing.Model(row["annotator__name"], row["right"], row["n"]) for row in counted]


def curve(campaign: Campaign) -> list[passing.Passing]:
    """Return who passes the test of a campaign how often; nothing without a test."""
    size, line = campaign.qualification_size, campaign.qualification_line
    if not size:
        return []
    known = list(Gold.objects.filter(task__campaign=campaign).values_list("outcome", flat=True))
    sided = sum(outcome in {"a", "b"} for outcome in known) / max(1, len(known))
    criteria = rubrics.criteria(campaign.rubric.pk)
    menu = len(comparison.marks(criteria[0])) if criteria else 2
    return passing.curve(size, line, one_sided=sided, menu=menu, models=models_measured(campaign))
