"""People and their standing in a campaign."""

from typing import Any

from django.db import transaction

from annotation.models import Annotator, Campaign, Enrollment, User
from annotation.permissions import check_may_change
from annotation.services import assignments, audit


class AlreadyEnrolled(ValueError):
    """The evaluator has applied to this campaign before."""


@transaction.atomic
def create_user(
    *,
    username: str,
    password: str,
    by: User | None,
    email: str = "",
    may_create_campaigns: bool = False,
    is_admin: bool = False,
) -> User:
    user = User(
        username=username,
        email=email,
        may_create_campaigns=may_create_campaigns,
        is_superuser=is_admin,
        is_staff=is_admin,
    )
    user.set_password(password)
    audit.save(user, "user.create", by=by)
    return user


@transaction.atomic
def annotator_of(user: User) -> Annotator:
    """Return the annotator behind a login, created at its first application."""
    found = Annotator.objects.filter(user=user).first()
    if found:
        return found
    annotator = Annotator(kind=Annotator.Kind.HUMAN, user=user)
    annotator.name = f"evaluator {annotator.public_id.hex[:6]}"
    audit.save(annotator, "annotator.create", by=user)
    return annotator


class ConsentMissing(ValueError):
    """The applicant has not agreed to the version in force."""


@transaction.atomic
def apply(*, user: User, campaign: Campaign, consent: int | None = None, takes_warned: bool = True) -> Enrollment:
    """Apply to a campaign, agreeing to the version of its consent that is in force."""
    in_force = campaign.consents.order_by("-version").first()
    if in_force and consent != in_force.version:
        raise ConsentMissing(f"Agree to version {in_force.version} of the consent first.")
    annotator = annotator_of(user)
    defaults = {"consent": in_force, "takes_warned": takes_warned}
    enrollment, created = Enrollment.objects.get_or_create(annotator=annotator, campaign=campaign, defaults=defaults)
    if not created:
        raise AlreadyEnrolled(f"You have applied to {campaign.name} before; your standing is {enrollment.state}.")
    facts: dict[str, Any] = {"consent": in_force.sha256} if in_force else {}
    audit.record("annotator.apply", annotator, by=annotator, campaign=campaign, **facts)
    return enrollment


def qualify(*, enrollment: Enrollment, by: User, reason: str) -> None:
    _decide(enrollment, Enrollment.State.QUALIFIED, "annotator.qualify", by=by, reason=reason)


@transaction.atomic
def suspend(*, enrollment: Enrollment, by: User, reason: str) -> None:
    """Suspend an evaluator and return their open tasks to the pool."""
    _decide(enrollment, Enrollment.State.SUSPENDED, "annotator.suspend", by=by, reason=reason)
    assignments.revoke(annotator=enrollment.annotator, campaign=enrollment.campaign, by=by)


@transaction.atomic
def _decide(enrollment: Enrollment, state: Enrollment.State, action: str, *, by: User, reason: str) -> None:
    check_may_change(by, enrollment.campaign)
    enrollment.state = state
    enrollment.reason = reason
    enrollment.save(update_fields=["state", "reason"])
    audit.record(action, enrollment.annotator, by=by, campaign=enrollment.campaign)
