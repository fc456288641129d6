"""How a campaign vets its evaluators: the test and what it tells apart, known answers, what people agree to."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Campaign, Gold, Task
from annotation.services import golds, passing, vetting
from annotation.vetting_forms import ConsentForm, GoldForm, ProfileListsForm, TestForm
from annotation.views.access import SignedInRequest, changeable_campaign, may_change, readable_campaign, signed_in

PAGE_SIZE = 50


@require_GET
@signed_in
def overview(request: SignedInRequest, slug: str) -> HttpResponse:
    return _page(request, readable_campaign(request, slug))


@require_POST
@signed_in
def set_test(request: SignedInRequest, slug: str) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    form = TestForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, status=422, test_form=form)
    size, line = form.cleaned_data["size"], form.cleaned_data["line"]
    if line is None:
        line = passing.suggested_line(size) if size else 0
    rest = {"gold_percent": form.cleaned_data["gold_percent"], "training_size": form.cleaned_data["training_size"] or 0}
    try:
        vetting.set_test(campaign=campaign, size=size, line=line, by=request.user, **rest)
    except vetting.SettingRefused as error:
        campaign.refresh_from_db()
        form.add_error("size", str(error))
        return _page(request, campaign, status=422, test_form=form)
    said = f"Applicants pass with {line} of {size} right." if size else "There is no test now."
    messages.success(request, said)
    return redirect("campaign-vetting", slug=slug)


@require_POST
@signed_in
def lock_consent(request: SignedInRequest, slug: str) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, status=422, consent_form=form)
    made = vetting.lock_consent(campaign=campaign, text=form.cleaned_data["text"], by=request.user)
    messages.success(request, f"Version {made.version} is in force. Applicants agree to it before they apply.")
    return redirect("campaign-vetting", slug=slug)


@require_POST
@signed_in
def set_lists(request: SignedInRequest, slug: str) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    form = ProfileListsForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, status=422, lists_form=form)
    vetting.set_profile_lists(campaign=campaign, by=request.user, **form.cleaned_data)
    messages.success(request, "Applicants may say this of themselves from now on.")
    return redirect("campaign-vetting", slug=slug)


def _page(request: SignedInRequest, campaign: Campaign, *, status: int = 200, **extra: Any) -> HttpResponse:
    size, line = campaign.qualification_size, campaign.qualification_line
    initial = {"size": size, "line": line, "gold_percent": campaign.gold_percent}
    initial["training_size"] = campaign.training_size
    lists = {"groups": "\n".join(campaign.groups), "fields_of_expertise": "\n".join(campaign.fields_of_expertise)}
    consent = vetting.consent_in_force(campaign)
    candidates = campaign.tasks.filter(pool="gold", gold__isnull=True, task_type="comparison", is_servable=True)
    context = {
        "campaign": campaign,
        "tab": "vetting",
        "may_change": may_change(request.user, campaign),
        "test_form": TestForm(initial=initial),
        "lists_form": ProfileListsForm(initial=lists),
        "consent_form": ConsentForm(initial={"text": consent.text if consent else ""}),
        "consent": consent,
        "curve": golds.curve(campaign),
        "golds": _golds(campaign),
        "gold_count": Gold.objects.filter(task__campaign=campaign).count(),
        "candidates": candidates.select_related("prompt").order_by("pk")[:PAGE_SIZE],
        "line": line,
    }
    return render(request, "annotation/vetting.html", context | extra, status=status)


def _golds(campaign: Campaign) -> Any:
    found = Gold.objects.filter(task__campaign=campaign).select_related("task__prompt")
    return found.order_by("-pk")[:PAGE_SIZE]


@require_http_methods(["GET", "POST"])
@signed_in
def gold(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Show a comparison as researchers see it, and take its known answer."""
    campaign = changeable_campaign(request, slug)
    about = ("prompt", "response_a", "response_b", "rubric", "campaign")
    task = get_object_or_404(campaign.tasks.select_related(*about), public_id=public_id, task_type="comparison")
    known = Gold.objects.filter(task=task).first()
    initial = {"outcome": known.outcome, "justification": known.justification} if known else None
    form = GoldForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        golds.set_answer(task=task, by=request.user, **form.cleaned_data)
        messages.success(request, "The known answer is kept.")
        return redirect("campaign-vetting", slug=slug)
    context = {"campaign": campaign, "tab": "vetting", "task": task, "form": form, "sides": _sides(task)}
    return render(request, "annotation/gold.html", context, status=422 if request.method == "POST" else 200)


def _sides(task: Task) -> list[tuple[str, str, str]]:
    assert task.response_b is not None, "the page is for comparisons"
    return [("side-a", "A", task.response_a.html), ("side-b", "B", task.response_b.html)]
