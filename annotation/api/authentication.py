from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from knox.auth import TokenAuthentication
from rest_framework.request import Request

from annotation.models import ApiToken, User


class ApiTokenAuthentication(TokenAuthentication):
    """Authenticate `Authorization: Token sy_...`; a token in the address or a session never counts."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        found = super().authenticate(request)
        if found:
            _note_use(found[1])
        return found


def _note_use(token: ApiToken) -> None:
    """Write the last use at most once a minute, so that reading stays cheap."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = ApiTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token sy_...`"}
