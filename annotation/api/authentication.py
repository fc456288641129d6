from datetime import timedelta

from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from annotation.models import ApiToken, User


class ApiTokenAuthentication(TokenAuthentication):
    """Authenticate `Authorization: Token sy_...`; a token in the address or a session never counts."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        if not request.headers.get("Authorization", "").isascii():
            raise AuthenticationFailed("A token holds letters and digits only. Copy it again.")
        found = super().authenticate(request)
        if found:
            _note_use(found[1])
        return found


def _note_use(token: ApiToken) -> None:
    """Write the last use at most once a minute, so that reading stays cheap."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
