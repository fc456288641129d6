"""A campaign's rubric: the version in force, the next one as a draft with its preview, and all earlier ones."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from annotation.models import Campaign, Criterion
from annotation.permissions import check_may_change
from annotation.rubric_forms import CriteriaFormSet, GuideForm, initial
from annotation.services import amending, campaigns, rubrics
from annotation.views import scales
from annotation.views.access import SignedInRequest, may_change, readable_campaign, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def rubric(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the rubric; a POST previews the draft, or locks it as the next version."""
    campaign = readable_campaign(request, slug)
    if request.method != "POST":
        return _page(request, campaign)
    check_may_change(request.user, campaign)
    guide, criteria = GuideForm(request.POST), CriteriaFormSet(request.POST, prefix="criteria")
    if not (guide.is_valid() & criteria.is_valid()):
        return _page(request, campaign, guide, criteria, status=422)
    drafts = criteria.drafts()
    try:
        campaigns.check_scales(campaign, drafts)
        if request.POST.get("action") != "lock":
            return _page(request, campaign, guide, criteria, preview=_preview(drafts))
        text = guide.cleaned_data["guide"]
        made, moved = amending.amend(campaign=campaign, guide=text, criteria=drafts, by=request.user)
    except campaigns.RubricRefused as error:
        return _page(request, campaign, guide, criteria, status=422, refusal=str(error))
    follow = (
        "1 task that nobody has opened follows it" if moved == 1 else f"{moved} tasks that nobody has opened follow it"
    )
    messages.success(request, f"Version {made.version} is locked; {follow}.")
    return redirect("campaign-rubric", slug=slug)


def _preview(drafts: list[campaigns.CriterionDraft]) -> list[scales.Question]:
    """Show the questions as evaluators will see them, from criteria that are not stored."""
    rows = [
        Criterion(pk=place, **draft.fields()) for place, draft in enumerate(campaigns.with_options(drafts), start=1)
    ]
    return scales.show(rows, QueryDict(), was_sent=False)


def _page(
    request: SignedInRequest,
    campaign: Campaign,
    guide: GuideForm | None = None,
    criteria: Any = None,
    *,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    now = campaign.rubric
    context = {
        "campaign": campaign,
        "tab": "rubric",
        "may_change": may_change(request.user, campaign),
        "rubric": now,
        "guide_form": guide or GuideForm(initial={"guide": now.guide}),
        "criteria": criteria or CriteriaFormSet(prefix="criteria", initial=initial(rubrics.criteria(now.pk))),
        "versions": campaign.rubrics.order_by("-version"),
        "questions": rubrics.criteria(now.pk),
    }
    return render(request, "annotation/rubric.html", context | extra, status=status)
