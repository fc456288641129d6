"""Who may do what: functions that raise, one for each rule."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from annotation.models import Campaign, Enrollment, Membership, User


class NotVetted(PermissionDenied):
    """The evaluator has no qualified standing in this campaign."""


def check_may_read(user: User, campaign: Campaign) -> None:
    """Let researchers, auditors and admins in; for everybody else the campaign does not exist."""
    if not Campaign.objects.readable_by(user).filter(pk=campaign.pk).exists():
        raise Http404("No such campaign.")


def check_may_change(user: User, campaign: Campaign) -> None:
    check_may_read(user, campaign)
    if not user.is_admin and not user.memberships.filter(campaign=campaign, role=Membership.Role.RESEARCHER).exists():
        raise PermissionDenied("You read this campaign as an auditor. Only its researchers change it.")


def check_may_create_campaigns(user: User) -> None:
    if not (user.is_admin or user.may_create_campaigns):
        raise PermissionDenied("Only researchers create campaigns. Ask an administrator for the role.")


def check_may_evaluate(enrollment: Enrollment) -> None:
    if enrollment.state != Enrollment.State.QUALIFIED:
        raise NotVetted(_standing(enrollment))


def _standing(enrollment: Enrollment) -> str:
    sentences = {
        Enrollment.State.APPLIED: "Your application waits for a researcher. You get tasks once it is accepted.",
        Enrollment.State.SUSPENDED: "Your access to this campaign is suspended.",
        Enrollment.State.WITHDRAWN: "You have left this campaign.",
    }
    reason = f" Reason: {enrollment.reason}." if enrollment.reason else ""
    return sentences[Enrollment.State(enrollment.state)] + reason
