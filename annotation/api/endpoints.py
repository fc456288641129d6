"""What every address of the API has in common: roles, scope of the token, known parameters, problem documents."""

from typing import Any, ClassVar

from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from annotation.api import roles, strict
from annotation.api.schema import Schema
from annotation.models import ApiToken, Campaign, User


class MayWrite(BasePermission):
    """Let a token of scope read do nothing but read."""

    message = "This token may only read. Make one of scope write."
    code = "token_scope"

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in {"GET", "HEAD"} or not getattr(view, "needs_write", True):
            return True
        return isinstance(request.auth, ApiToken) and request.auth.scope == ApiToken.Scope.WRITE


class OneFormat(DefaultContentNegotiation):
    """Answer every request in JSON, whatever it says it accepts; no parameter chooses another format."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Endpoint(APIView):
    """An address; a method that its role table does not name does not exist."""

    role_table: ClassVar[dict[str, frozenset[roles.Role]]] = {}
    parameters: ClassVar[type[strict.Query]] = strict.Query
    needs_write: ClassVar[bool] = True
    permission_classes = [IsAuthenticated, MayWrite]
    content_negotiation_class = OneFormat
    http_method_names = ["get", "head", "post", "delete"]
    schema = Schema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in self.role_table:
            raise MethodNotAllowed(str(request.method))
        roles.check(self.find_roles(request, **kwargs), self.role_table[method])
        self.query = strict.read(self.parameters if method == "GET" else strict.Query, request.query_params)

    def find_roles(self, request: Request, **kwargs: Any) -> frozenset[roles.Role]:
        return roles.of(request.user if isinstance(request.user, User) else None)

    @property
    def user(self) -> User:
        """Return the caller of an address that takes a token."""
        user = self.request.user
        assert isinstance(user, User)
        return user


class CampaignEndpoint(Endpoint):
    """An address about one campaign, which exists only for those who have to do with it."""

    campaign: Campaign

    def find_roles(self, request: Request, **kwargs: Any) -> frozenset[roles.Role]:
        self.campaign = self.find_campaign(**kwargs)
        return roles.within(self.user, self.campaign)

    def find_campaign(self, **kwargs: Any) -> Campaign:
        found = Campaign.objects.filter(slug=kwargs["slug"]).first()
        if found is None:
            raise Http404
        return found
