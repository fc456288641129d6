"""The door of every page: who is signed in, and which campaign they may see."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from annotation.models import Campaign, User
from annotation.permissions import check_may_change

View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """A request whose session belongs to a user."""

    user: User
    htmx: HtmxDetails


def signed_in(view: View) -> View:
    """Ask for a sign-in; a region that htmx polls or swaps reloads its whole page instead."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if getattr(request, "htmx", False):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("home"))

    return guarded


def readable_campaign(request: SignedInRequest, slug: str) -> Campaign:
    return get_object_or_404(Campaign.objects.readable_by(request.user), slug=slug)


def changeable_campaign(request: SignedInRequest, slug: str) -> Campaign:
    campaign = readable_campaign(request, slug)
    check_may_change(request.user, campaign)
    return campaign


def may_change(user: User, campaign: Campaign) -> bool:
    """Tell whether pages of a readable campaign show buttons that change it."""
    try:
        check_may_change(user, campaign)
    except PermissionDenied:
        return False
    return True


def sees_campaigns(user: User) -> bool:
    """Tell whether a person stands on the research side of any campaign."""
    return user.is_admin or user.may_create_campaigns or user.memberships.exists()


def back_to(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """Return to the page that a form names, if it is one of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if is_ours else fallback)
