from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import roles
from annotation.api.endpoints import Endpoint
from annotation.api.problems import Problem
from annotation.api.serializers.tokens import TokenCreated, TokenRequest
from annotation.api.throttles import TokenThrottle
from annotation.models import ApiToken, User
from annotation.services import tokens


class Tokens(Endpoint):
    authentication_classes = []
    permission_classes = []
    throttle_classes = [TokenThrottle]
    throttle_scope = "tokens"
    role_table = {"POST": roles.EVERYBODY}

    @extend_schema(request=TokenRequest, responses={201: TokenCreated}, auth=[])
    def post(self, request: Request) -> Response:
        """Make a token from a user name and password."""
        body = TokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        user = _signed_in(request, wanted["username"], wanted["password"])
        token, secret = tokens.create(user=user, name=wanted["name"], scope=wanted["scope"], days=wanted["days"])
        made = {"token": secret, "name": token.name, "scope": token.scope, "expires_at": token.expiry}
        return Response(TokenCreated(made).data, status=201)


class CurrentToken(Endpoint):
    needs_write = False
    role_table = {"DELETE": roles.SIGNED_IN}

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request carries."""
        assert isinstance(request.auth, ApiToken)
        tokens.revoke(token=request.auth, by=self.user)
        return Response(status=204)


def _signed_in(request: Request, username: str, password: str) -> User:
    """Return the user; a wrong password, an unknown name and a disabled account get the same answer."""
    sent: Any = request._request
    user = authenticate(request=sent, username=username, password=password)
    if getattr(sent, "axes_locked_out", False):
        # Else the middleware puts its page in place of this answer.
        sent.axes_locked_out = False
        wait = int(settings.AXES_COOLOFF_TIME.total_seconds())
        raise Problem(429, "account_locked", "Too many failed sign-ins. Wait, then try again.", retry_after=wait)
    if not isinstance(user, User):
        raise Problem(401, "bad_credentials", "User name and password do not belong together.")
    # Tells the lock to forget earlier failures.
    user_logged_in.send(sender=User, request=sent, user=user)
    return user
