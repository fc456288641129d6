"""What evaluators say: remarks that came with answers, appeals, and tasks that people give back."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation.forms import FLAGS
from annotation.models import Appeal, Assignment, Campaign
from annotation.services import reviews
from annotation.vetting_forms import AppealAnswerForm
from annotation.views.access import SignedInRequest, changeable_campaign, may_change, readable_campaign, signed_in

PAGE_SIZE = 50


@require_GET
@signed_in
def inbox(request: SignedInRequest, slug: str) -> HttpResponse:
    return _page(request, readable_campaign(request, slug))


@require_POST
@signed_in
def settle(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Note that a remark was looked at."""
    campaign = changeable_campaign(request, slug)
    judgment = get_object_or_404(campaign.judgments.select_related("campaign"), public_id=public_id)
    reviews.settle(judgment=judgment, by=request.user)
    messages.success(request, "Noted. The answer stays as it is.")
    return redirect("campaign-inbox", slug=slug)


@require_POST
@signed_in
def decide(request: SignedInRequest, slug: str, appeal_id: int) -> HttpResponse:
    """Uphold or decline an appeal, with an answer that the person reads."""
    campaign = changeable_campaign(request, slug)
    found = get_object_or_404(Appeal.objects.select_related("enrollment__campaign"), pk=appeal_id,
                              enrollment__campaign=campaign)  # fmt: skip
    form = AppealAnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, status=422, wrong=found.pk, answer_form=form)
    is_upheld = form.cleaned_data["decision"] == "uphold"
    try:
        reviews.decide(appeal=found, is_upheld=is_upheld, answer=form.cleaned_data["answer"], by=request.user)
    except reviews.AppealRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The appeal is upheld; the person gets tasks again." if is_upheld else "Answered.")
    return redirect("campaign-inbox", slug=slug)


def _page(request: SignedInRequest, campaign: Campaign, *, status: int = 200, **extra: Any) -> HttpResponse:
    names = dict(FLAGS)
    found = reviews.remarks(campaign)
    rows = found.select_related("annotator", "task__prompt").order_by("-pk")[:PAGE_SIZE]
    appeals = Appeal.objects.filter(enrollment__campaign=campaign, state=Appeal.State.OPEN)
    skipped = Assignment.objects.filter(campaign=campaign, state=Assignment.State.SKIPPED)
    context = {
        "campaign": campaign,
        "tab": "inbox",
        "may_change": may_change(request.user, campaign),
        "remarks": [(row, [names.get(flag, flag) for flag in row.flags]) for row in rows],
        "remark_count": found.count(),
        "appeals": appeals.select_related("enrollment__annotator").order_by("pk")[:PAGE_SIZE],
        "skips": skipped.values("task__prompt__key", "task__public_id", "reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "task__prompt__key")[:PAGE_SIZE],
    }
    return render(request, "annotation/inbox.html", context | extra, status=status)
