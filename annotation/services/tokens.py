"""Tokens of the REST API: shown once, stored as a digest, expiring."""

from datetime import timedelta

from django.db import transaction

from annotation.models import ApiToken, User
from annotation.services import audit

MAX_DAYS = 365


class TokenRefused(ValueError):
    """The token cannot be made as asked."""


@transaction.atomic
def create(*, user: User, name: str, scope: str, days: int) -> tuple[ApiToken, str]:
    """Make a token for a login and return it with its secret, which is never readable again."""
    if scope not in ApiToken.Scope.values:
        raise TokenRefused(f"{scope[:40]!r} is not a scope. Choose read or write.")
    if not 1 <= days <= MAX_DAYS:
        raise TokenRefused(f"A token lasts 1 to {MAX_DAYS} days.")
    token, secret = ApiToken.objects.create(user, expiry=timedelta(days=days), name=name, scope=scope)
    audit.record("token.create", token, by=user, scope=scope, expires_at=token.expiry.isoformat(timespec="seconds"))
    return token, secret


@transaction.atomic
def revoke(*, token: ApiToken, by: User) -> None:
    """Delete a token; its next use is refused."""
    audit.record("token.revoke", token, by=by)
    token.delete()
