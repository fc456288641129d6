"""Invite people by a link that works once: as evaluator, researcher or auditor of one campaign."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from annotation.models import Campaign, Invitation, Membership, User
from annotation.permissions import check_may_change
from annotation.services import audit, campaigns

DAYS = 14


class InvitationGone(Exception):
    """The link was used, has run out, or never was one."""

    def __init__(self) -> None:
        super().__init__("This invitation was used or has run out. Ask the person who sent it for a new one.")


@transaction.atomic
def invite(*, campaign: Campaign, role: str, by: User, note: str = "") -> tuple[Invitation, str]:
    """Make a link for one person; its secret is returned once and stored nowhere."""
    check_may_change(by, campaign)
    secret = secrets.token_urlsafe(32)
    made = Invitation(campaign=campaign, role=Invitation.Role(role), note=note, created_by=by)
    made.sha256 = _digest(secret)
    made.expires_at = Now() + timedelta(days=DAYS)
    audit.save(made, "invitation.create", by=by, campaign=campaign, role=role)
    return made, secret


def find(secret: str) -> Invitation:
    found = Invitation.objects.open().select_related("campaign", "created_by").filter(sha256=_digest(secret)).first()
    if found is None:
        raise InvitationGone
    return found


@transaction.atomic
def accept(*, secret: str, user: User) -> Invitation:
    """Use a link up: a member is one at once, an evaluator still agrees to the consent and takes the test."""
    open_ones = Invitation.objects.open().select_for_update(of=("self",)).select_related("campaign", "created_by")
    found = open_ones.filter(sha256=_digest(secret)).first()
    if found is None:
        raise InvitationGone
    found.accepted_by, found.accepted_at = user, Now()
    audit.save(found, "invitation.accept", by=user, campaign=found.campaign, role=found.role)
    if found.role != Invitation.Role.EVALUATOR:
        campaigns.admit(found.campaign, user, Membership.Role(found.role), by=found.created_by)
    return found


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User) -> None:
    """Let an unused link run out now."""
    check_may_change(by, invitation.campaign)
    locked = Invitation.objects.open().select_for_update().filter(pk=invitation.pk).first()
    if locked is None:
        raise InvitationGone
    locked.expires_at = Now()
    audit.save(locked, "invitation.withdraw", by=by, campaign=invitation.campaign)


def is_invited(user: User, campaign: Campaign) -> bool:
    return Invitation.objects.filter(campaign=campaign, accepted_by=user, role=Invitation.Role.EVALUATOR).exists()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
