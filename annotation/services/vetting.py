"""Vet applicants: consent by version, a test on tasks with a known answer, its stated line and one retake."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from annotation import rendering, tasktypes
from annotation.models import (
    Annotator,
    Campaign,
    Consent,
    Enrollment,
    Gold,
    Qualification,
    QualificationAnswer,
    Task,
    User,
)
from annotation.permissions import check_may_change
from annotation.services import audit, picking, rubrics
from annotation.tasktypes.answers import Answer

ATTEMPTS = 2
TRAINING = 0


class SettingRefused(ValueError):
    """The test cannot be set up like this."""


class NoAttempt(Exception):
    """There is no test to take now."""


@transaction.atomic
def set_test(*, campaign: Campaign, size: int, line: int, gold_percent: int, by: User, training_size: int = 0) -> None:
    """State how many known answers applicants give and how many must be right; attempts under way keep theirs."""
    check_may_change(by, campaign)
    found = Gold.objects.filter(task__campaign=campaign).count()
    if size + training_size > found:
        raise SettingRefused(f"The campaign has {found} known answers. Write more, or ask for fewer.")
    if (size == 0) != (line == 0) or line > size:
        raise SettingRefused("The line lies between 1 and the number of tasks; 0 and 0 mean no test.")
    campaign.qualification_size, campaign.qualification_line, campaign.gold_percent = size, line, gold_percent
    campaign.training_size = training_size
    facts: dict[str, Any] = {"qualification_size": size, "qualification_line": line, "gold_percent": gold_percent}
    facts["training_size"] = training_size
    audit.save(campaign, "campaign.change", by=by, campaign=campaign, **facts)


@transaction.atomic
def set_profile_lists(*, campaign: Campaign, groups: list[str], fields_of_expertise: list[str], by: User) -> None:
    """State what applicants may say of themselves; what somebody has said before stays theirs."""
    check_may_change(by, campaign)
    campaign.groups, campaign.fields_of_expertise = groups, fields_of_expertise
    facts: dict[str, Any] = {"groups": groups, "fields_of_expertise": fields_of_expertise}
    audit.save(campaign, "campaign.change", by=by, campaign=campaign, **facts)


@transaction.atomic
def lock_consent(*, campaign: Campaign, text: str, by: User) -> Consent:
    """Lock the next version of what evaluators agree to."""
    check_may_change(by, campaign)
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = Consent(campaign=campaign, version=campaign.consents.count() + 1, text=text, sha256=digest)
    made.html = rendering.render(text).html
    audit.save(made, "consent.lock", by=by, campaign=campaign, version=made.version, sha256=digest)
    return made


def consent_in_force(campaign: Campaign) -> Consent | None:
    return campaign.consents.order_by("-version").first()


@transaction.atomic
def start(*, enrollment: Enrollment) -> Qualification:
    """Return the attempt under way, or draw the tasks of the next one."""
    locked = Enrollment.objects.select_for_update().select_related("campaign", "annotator").get(pk=enrollment.pk)
    under_way = tests_of(locked).filter(state=Qualification.State.OPEN).first()
    if under_way:
        return under_way
    if reason := why_not(locked):
        raise NoAttempt(reason)
    campaign = locked.campaign
    attempt = Qualification(enrollment=locked, number=tests_of(locked).count() + 1)
    attempt.size, attempt.line = campaign.qualification_size, campaign.qualification_line
    return _begin(attempt, locked)


@transaction.atomic
def train(*, enrollment: Enrollment) -> Qualification:
    """Return a person's training, begun now if it was not: known answers, each explained once it is given."""
    locked = Enrollment.objects.select_for_update().select_related("campaign", "annotator").get(pk=enrollment.pk)
    begun = locked.qualifications.filter(number=TRAINING).first()
    if begun:
        return begun
    if not may_train(locked):
        raise NoAttempt("This campaign has no training for you now.")
    training = Qualification(enrollment=locked, number=TRAINING, size=locked.campaign.training_size, line=1)
    return _begin(training, locked)


def may_train(enrollment: Enrollment) -> bool:
    """Tell whether a training waits for this person that leaves enough known answers for the test."""
    campaign, begun = enrollment.campaign, enrollment.qualifications.filter(number=TRAINING).first()
    if begun:
        return begun.state == Qualification.State.OPEN
    is_here = enrollment.state in {Enrollment.State.APPLIED, Enrollment.State.QUALIFIED}
    needed = campaign.training_size + (campaign.qualification_size if enrollment.state == "applied" else 0)
    return is_here and campaign.training_size > 0 and _unused(enrollment).count() >= needed


def tests_of(enrollment: Enrollment) -> QuerySet[Qualification]:
    """Select a person's attempts at the test, without the training."""
    return enrollment.qualifications.exclude(number=TRAINING)


def _begin(attempt: Qualification, locked: Enrollment) -> Qualification:
    campaign = locked.campaign
    facts: dict[str, Any] = {"number": attempt.number, "size": attempt.size, "line": attempt.line}
    audit.save(attempt, "qualification.start", by=locked.annotator, campaign=campaign, **facts)
    _draw(attempt, locked)
    return attempt


def why_not(enrollment: Enrollment) -> str:
    """Say why this person cannot take the test now; empty if they can."""
    if enrollment.state != Enrollment.State.APPLIED:
        return f"Your standing here is {enrollment.state}. There is no test to take."
    if enrollment.campaign.qualification_size == 0:
        return "This campaign has no test. A researcher decides on your application."
    if tests_of(enrollment).count() >= ATTEMPTS:
        return "You have taken the test and its one retake. A researcher decides on your application."
    if _unused(enrollment).count() < enrollment.campaign.qualification_size:
        return "There are too few tasks left that you have not seen the answer of. A researcher decides."
    return ""


def _unused(enrollment: Enrollment) -> QuerySet[Task]:
    """Keep tasks with a known answer that this person was not shown: not in a test, not in the stream."""
    shown = Q(qualification_answers__qualification__enrollment__annotator=enrollment.annotator_id)
    seen = Q(assignments__annotator=enrollment.annotator_id)
    tasks = Task.objects.filter(campaign=enrollment.campaign_id, gold__isnull=False, is_servable=True)
    return tasks.exclude(pk__in=Task.objects.filter(shown | seen).values("pk"))


def _draw(attempt: Qualification, enrollment: Enrollment) -> None:
    """Draw the tasks in an order of this person's own, with sides drawn as for any task."""
    campaign, annotator = enrollment.campaign, enrollment.annotator
    drawn = sorted(_unused(enrollment), key=lambda task: picking.draw(campaign, annotator, task, attempt.number))
    rows = [
        QualificationAnswer(
            qualification=attempt,
            place=place,
            task=task,
            shown_order=picking.shown_order(campaign, annotator, task, round_=0),
        )
        for place, task in enumerate(drawn[: attempt.size], start=1)
    ]
    for row in rows:
        audit.seal(row)
    QualificationAnswer.objects.bulk_create(rows)


def current(attempt: Qualification) -> QualificationAnswer | None:
    """Return the first task of an attempt without an answer, with all that its page shows."""
    about = ("task__rubric", "task__prompt", "task__response_a", "task__response_b")
    return attempt.answers.filter(outcome="").select_related(*about).order_by("place").first()


def answered(attempt: Qualification) -> QuerySet[QualificationAnswer]:
    """Select the answered tasks of an attempt, with all that their pages show."""
    about = ("task__rubric", "task__prompt", "task__response_a", "task__response_b")
    return attempt.answers.exclude(outcome="").select_related(*about)


@transaction.atomic
def answer(*, attempt: Qualification, by: Annotator, place: int, given: Answer) -> Qualification:
    """Take the answer of the task that is due; the last one ends the attempt."""
    locked = (
        Qualification.objects.select_for_update()
        .select_related("enrollment__campaign", "enrollment__annotator")
        .get(pk=attempt.pk)
    )
    due = current(locked)
    if locked.state != Qualification.State.OPEN or due is None or due.place != place:
        return locked
    criterion = rubrics.criteria(due.task.rubric_id)[0]
    tasktypes.scale_of(criterion).check(criterion, given)
    due.outcome = str(tasktypes.scale_of(criterion).record(criterion, given, due.shown_order)["outcome"])
    due.known_outcome = Gold.objects.get(task=due.task_id).outcome
    due.answered_at = _now()
    audit.save(due, "qualification.answer", by=by, campaign=locked.enrollment.campaign)
    if not locked.answers.filter(outcome="").exists():
        _finish(locked)
    return locked


def right(attempt: Qualification) -> int:
    return sum(one.is_right for one in attempt.answers.all())


def _finish(attempt: Qualification) -> None:
    """Decide by the line that was stated when the attempt began; who passes gets tasks at once."""
    enrollment, count = attempt.enrollment, right(attempt)
    passed = count >= attempt.line
    attempt.state = Qualification.State.PASSED if passed else Qualification.State.FAILED
    attempt.finished_at = _now()
    campaign = enrollment.campaign
    facts: dict[str, Any] = {"right": count, "size": attempt.size, "line": attempt.line, "state": str(attempt.state)}
    audit.save(attempt, "qualification.finish", by=None, campaign=campaign, **facts)
    if attempt.number == TRAINING:
        return
    enrollment.reason = f"{count} of {attempt.size} right in the test, the line is {attempt.line}"
    if passed:
        enrollment.state = Enrollment.State.QUALIFIED
        audit.record("annotator.qualify", enrollment.annotator, by=None, campaign=campaign)
    enrollment.save(update_fields=["state", "reason"])


def _now() -> datetime:
    """Return the database's moment, the same throughout a transaction."""
    return Campaign.objects.annotate(now=Now()).values_list("now", flat=True)[:1][0]
