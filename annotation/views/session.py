from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from annotation.forms import SignInForm
from annotation.views.access import SignedInRequest, sees_campaigns, signed_in


class SignIn(LoginView):
    """Ask who is there; wrong fields say so on the same page."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["has_failed"] = bool(context["form"].non_field_errors())
        return context


class SignOut(LogoutView):
    """End the session on the server; only a POST does."""


@require_GET
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    return redirect("campaigns" if sees_campaigns(request.user) else "evaluate-list")
