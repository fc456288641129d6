"""An evaluator's own campaigns, and the application to one."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.functions import Now, TruncDate
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Assignment, Campaign, Enrollment
from annotation.services import evaluators, reviews, vetting
from annotation.vetting_forms import AppealForm, ApplicationForm
from annotation.views.access import SignedInRequest, signed_in

APPLY_STATES = (Campaign.State.OPEN, Campaign.State.PAUSED)


@require_GET
@signed_in
def evaluate_list(request: SignedInRequest) -> HttpResponse:
    standings = list(
        Enrollment.objects.filter(annotator__user=request.user)
        .select_related("campaign")
        .order_by("campaign__name")
    )  # fmt: skip
    done = _done(request)
    rows = [{"standing": one, "campaign": one.campaign, "done": done.get(one.campaign_id, {})} for one in standings]
    return render(request, "annotation/evaluate_list.html", {"rows": rows})


def _done(request: SignedInRequest) -> dict[int, dict[str, Any]]:
    """Count this person's answered tasks of each campaign in one query, repeats like any other: today and in all."""
    today = Q(submitted_at__date=TruncDate(Now()))
    mine = Assignment.objects.filter(annotator__user=request.user, state=Assignment.State.SUBMITTED)
    rows = mine.values("campaign").annotate(today=Count("pk", filter=today), total=Count("pk"))
    return {row["campaign"]: dict(row) for row in rows}


@require_http_methods(["GET", "POST"])
@signed_in
def apply(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a campaign to somebody who has its address, and take the application."""
    standing = Enrollment.objects.filter(annotator__user=request.user, campaign__slug=slug).first()
    campaign = standing.campaign if standing else get_object_or_404(Campaign, slug=slug, state__in=APPLY_STATES)
    sent = request.POST if request.method == "POST" else None
    form = ApplicationForm(sent, campaign=campaign, initial={"takes_warned": True})
    if request.method == "POST" and form.is_valid():
        try:
            wanted = {name: form.cleaned_data[name] for name in ("consent", "takes_warned")}
            made = evaluators.apply(user=request.user, campaign=campaign, profile=form.profile(), **wanted)
        except evaluators.ConsentMissing as error:
            form.add_error(None, str(error))
        except evaluators.AlreadyEnrolled as error:
            messages.error(request, str(error))
            return redirect("apply", slug=slug)
        else:
            if campaign.qualification_size:
                return redirect("qualification-result", slug=slug)
            if made.state == Enrollment.State.QUALIFIED:
                return redirect("evaluate", slug=slug)
            messages.success(request, "Your application is in. A researcher decides on it.")
            return redirect("apply", slug=slug)
    context = {"campaign": campaign, "standing": standing, "form": form, "consent": vetting.consent_in_force(campaign)}
    if standing:
        context |= appeals_of(standing)
    return render(request, "annotation/apply.html", context, status=422 if form.errors else 200)


def appeals_of(standing: Enrollment) -> dict[str, Any]:
    """Return what a person has said against their standing, and whether they may now."""
    found = list(standing.appeals.order_by("pk"))
    return {"appeals": found, "may_appeal": reviews.may_appeal(standing), "appeal_form": AppealForm()}


@require_POST
@signed_in
def appeal(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take an appeal and go back to where its answer will stand."""
    standing = get_object_or_404(Enrollment, annotator__user=request.user, campaign__slug=slug)
    form = AppealForm(request.POST)
    try:
        if form.is_valid():
            reviews.appeal(enrollment=standing, text=form.cleaned_data["text"])
            messages.success(request, "Your appeal is in. The answer comes here.")
        else:
            messages.error(request, str(form.errors["text"][0]))
    except reviews.AppealRefused as error:
        messages.error(request, str(error))
    return redirect("apply", slug=slug)
