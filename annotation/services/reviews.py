"""What people say to researchers: remarks that came with their answers, and appeals against their standing."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from annotation.models import Appeal, Campaign, Enrollment, Judgment, Review, User
from annotation.models.judgments import JudgmentQuerySet
from annotation.permissions import check_may_change
from annotation.services import audit, evaluators, vetting

MAX_TEXT = 2_000


class AppealRefused(ValueError):
    """There is nothing to appeal against now, or an appeal is open already."""


def remarks(campaign: Campaign) -> JudgmentQuerySet:
    """Select the answers in force that came with a flag or a comment and that nobody has looked at, one a task."""
    first = Judgment.objects.filter(campaign=campaign, criterion__position=0).effective().by_people()
    return first.filter(Q(flags__len__gt=0) | ~Q(comment="")).filter(review__isnull=True)


@transaction.atomic
def settle(*, judgment: Judgment, by: User) -> None:
    """Note that the remarks of an answer were looked at; a second look changes nothing."""
    check_may_change(by, judgment.campaign)
    try:
        with transaction.atomic():
            audit.save(Review(judgment=judgment, by=by), "remark.settle", by=by, campaign=judgment.campaign)
    except IntegrityError:
        return


def may_appeal(enrollment: Enrollment) -> bool:
    """Tell whether somebody was turned away: suspended, or through with the test and its retake."""
    is_out = enrollment.state == Enrollment.State.SUSPENDED
    is_through = enrollment.state == Enrollment.State.APPLIED and vetting.tests_of(enrollment).filter(
        state="failed"
    ).count() >= vetting.ATTEMPTS  # fmt: skip
    return (is_out or is_through) and not enrollment.appeals.filter(state=Appeal.State.OPEN).exists()


@transaction.atomic
def appeal(*, enrollment: Enrollment, text: str) -> Appeal:
    """Take what a person says against their standing."""
    locked = Enrollment.objects.select_for_update().select_related("annotator", "campaign").get(pk=enrollment.pk)
    if not may_appeal(locked):
        raise AppealRefused("There is nothing to appeal against now, or your appeal is open already.")
    if not text.strip() or len(text) > MAX_TEXT:
        raise AppealRefused(f"Say in 1 to {MAX_TEXT:,} characters what should be looked at again.")
    made = Appeal(enrollment=locked, text=text.strip())
    audit.save(made, "appeal.create", by=locked.annotator, campaign=locked.campaign)
    return made


@transaction.atomic
def decide(*, appeal: Appeal, is_upheld: bool, answer: str, by: User) -> None:
    """Answer an appeal; who is right gets tasks again, with that as the reason."""
    campaign = appeal.enrollment.campaign
    check_may_change(by, campaign)
    about = Appeal.objects.select_for_update(of=("self",)).select_related(
        "enrollment__annotator", "enrollment__campaign"
    )
    locked = about.get(pk=appeal.pk)
    if locked.state != Appeal.State.OPEN:
        raise AppealRefused("This appeal was answered already.")
    if not answer.strip():
        raise AppealRefused("Say why. The person reads it.")
    locked.state = Appeal.State.UPHELD if is_upheld else Appeal.State.DECLINED
    locked.answer, locked.decided_by = answer.strip(), by
    audit.save(locked, "appeal.decide", by=by, campaign=campaign, state=str(locked.state))
    if is_upheld:
        evaluators.qualify(enrollment=locked.enrollment, by=by, reason="an appeal was upheld")
