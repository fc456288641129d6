"""How a campaign collects: how much one person may answer, until when, and how many tasks come a second time."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from annotation.collection_forms import LimitsForm
from annotation.permissions import check_may_change
from annotation.services import campaigns
from annotation.views.access import SignedInRequest, may_change, readable_campaign, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def collection(request: SignedInRequest, slug: str) -> HttpResponse:
    campaign = readable_campaign(request, slug)
    initial = {name: getattr(campaign, name) for name in LimitsForm.base_fields}
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        check_may_change(request.user, campaign)
        if form.is_valid():
            try:
                campaigns.set_limits(campaign=campaign, by=request.user, **form.cleaned_data)
            except campaigns.LimitsRefused as error:
                form.add_error("daily_cap", str(error))
            else:
                messages.success(request, "The limits are in force from the next task on.")
                return redirect("campaign-collection", slug=slug)
    campaign.refresh_from_db()
    context = {
        "campaign": campaign,
        "tab": "collection",
        "form": form,
        "may_change": may_change(request.user, campaign),
    }
    return render(request, "annotation/collection.html", context, status=422 if form.errors else 200)
