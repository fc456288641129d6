"""Links that let one person in: made and withdrawn by researchers, used once by whoever holds them."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from annotation.models import Invitation, User
from annotation.services import evaluators, invitations
from annotation.vetting_forms import InvitationForm, SignUpForm
from annotation.views import errors, people
from annotation.views.access import SignedInRequest, changeable_campaign, signed_in

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_POST
@signed_in
def invite(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make a link and show it, this once."""
    campaign = changeable_campaign(request, slug)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return people.page(request, campaign, status=422, invitation_form=form)
    _, secret = invitations.invite(campaign=campaign, by=request.user, **form.cleaned_data)
    link = request.build_absolute_uri(reverse("invitation", args=[secret]))
    return people.page(request, campaign, invitation_link=link)


@require_POST
@signed_in
def withdraw(request: SignedInRequest, slug: str, invitation_id: int) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    found = get_object_or_404(campaign.invitations.select_related("campaign"), pk=invitation_id)
    try:
        invitations.withdraw(invitation=found, by=request.user)
    except invitations.InvitationGone:
        messages.error(request, "The invitation was used or has run out already.")
    else:
        messages.success(request, "The link lets nobody in any more.")
    return redirect("campaign-people", slug=slug)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Say what the link is for; take it as who is signed in, or make an account first."""
    form = SignUpForm(request.POST if request.method == "POST" and not request.user.is_authenticated else None)
    try:
        found = invitations.find(secret)
        if taken := _take(request, secret, form):
            return _taken(request, taken)
    except invitations.InvitationGone as error:
        return errors.page(request, status=404, title="This invitation does not work", message=str(error))
    context = {"invitation": found, "campaign": found.campaign, "form": form}
    return render(request, "annotation/invitation.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, secret: str, form: SignUpForm) -> Invitation | None:
    """Use the link up for who is signed in, or for an account that is made now; None while it is only looked at."""
    if request.method != "POST":
        return None
    if isinstance(request.user, User):
        return invitations.accept(secret=secret, user=request.user)
    if not form.is_valid():
        return None
    try:
        made, taken = evaluators.sign_up(secret=secret, **form.cleaned_data)
    except evaluators.NameTaken as error:
        form.add_error("username", str(error))
        return None
    login(request, made, backend=BACKEND)
    return taken


def _taken(request: HttpRequest, taken: Invitation) -> HttpResponse:
    if taken.role == Invitation.Role.EVALUATOR:
        return redirect("apply", slug=taken.campaign.slug)
    messages.success(request, f"You are {taken.get_role_display().lower()} of {taken.campaign.name} now.")
    return redirect("calibration:overview", slug=taken.campaign.slug)
