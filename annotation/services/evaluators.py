"""People and their standing in a campaign."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from annotation.models import Annotator, Campaign, Enrollment, Invitation, User
from annotation.permissions import check_may_change
from annotation.services import assignments, audit, invitations


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


class NameTaken(ValueError):
    """Somebody has this user name."""


@transaction.atomic
def sign_up(*, secret: str, username: str, password: str) -> tuple[User, Invitation]:
    """Make an account for whoever holds an invitation, and use the invitation up; both or neither."""
    try:
        with transaction.atomic():
            made = create_user(username=username, password=password, by=None)
    except IntegrityError:
        raise NameTaken("This user name is taken. Choose another one.") from None
    return made, invitations.accept(secret=secret, user=made)


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


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of themselves, all of it voluntary; languages and expertise decide which tasks they get."""

    group: str = ""
    languages: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()


@transaction.atomic
def apply(
    *,
    user: User,
    campaign: Campaign,
    consent: int | None = None,
    takes_warned: bool = True,
    profile: Profile = Profile(),  # noqa: B008  (frozen)
) -> Enrollment:
    """Apply to a campaign, agreeing to the version of its consent that is in force; who is invited waits for nobody."""
    in_force = campaign.consents.order_by("-version").first()
    if in_force and consent != in_force.version:
        raise ConsentMissing(f"Agree to version {in_force.version} of the consent first.")
    annotator = annotator_of(user)
    said = {"group": profile.group, "languages": list(profile.languages), "expertise": list(profile.expertise)}
    defaults = {"consent": in_force, "takes_warned": takes_warned} | said
    enrollment, created = Enrollment.objects.get_or_create(annotator=annotator, campaign=campaign, defaults=defaults)
    if not created:
        raise AlreadyEnrolled(f"You have applied to {campaign.name} before; your standing is {enrollment.state}.")
    facts: dict[str, Any] = {"consent": in_force.sha256} if in_force else {}
    audit.record("annotator.apply", annotator, by=annotator, campaign=campaign, **facts)
    if campaign.qualification_size == 0 and invitations.is_invited(user, campaign):
        enrollment.state, enrollment.reason = Enrollment.State.QUALIFIED, "invited by a researcher"
        enrollment.save(update_fields=["state", "reason"])
        audit.record("annotator.qualify", annotator, by=None, campaign=campaign)
    return enrollment


@transaction.atomic
def set_profile(*, enrollment: Enrollment, profile: Profile, takes_warned: bool) -> None:
    """Change what a person says of themselves; the next task follows it."""
    enrollment.group, enrollment.takes_warned = profile.group, takes_warned
    enrollment.languages, enrollment.expertise = list(profile.languages), list(profile.expertise)
    enrollment.save(update_fields=["group", "languages", "expertise", "takes_warned"])
    audit.record("annotator.profile", enrollment.annotator, by=enrollment.annotator, campaign=enrollment.campaign)


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
