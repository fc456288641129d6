"""The judges of a campaign and how far their requests are."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from annotation import jobs
from annotation.forms import JudgeForm
from annotation.models import Campaign, JudgeRequest
from annotation.services import judging
from annotation.views.access import SignedInRequest, changeable_campaign, may_change, readable_campaign, signed_in

State = JudgeRequest.State
OPEN_STATES = (State.QUEUED, State.LEASED)


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@signed_in
def campaign_judges(request: SignedInRequest, slug: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request, readable_campaign(request, slug), JudgeForm(by=request.user))
    campaign = changeable_campaign(request, slug)
    form = JudgeForm(request.POST, by=request.user)
    if not form.is_valid():
        return _page(request, campaign, form, status=422)
    try:
        config = judging.add_judge(campaign=campaign, by=request.user, **form.cleaned_data)
    except judging.JudgeRefused as error:
        form.add_error(None, str(error))
        return _page(request, campaign, form, status=422)
    messages.success(request, f"{config.annotator.name} is set and frozen. Start it when its tasks are in.")
    return redirect("campaign-judges", slug=slug)


@require_POST
@signed_in
def judge_start(request: SignedInRequest, slug: str, config_id: int) -> HttpResponse:
    """Plan a judge's requests on all tasks, both orders, and start on them."""
    campaign = changeable_campaign(request, slug)
    config = get_object_or_404(campaign.judge_configs.select_related("annotator", "campaign"), pk=config_id)
    new = judging.plan(config=config, by=request.user)
    jobs.judge.delay_on_commit(config_id=config.pk)
    messages.success(request, f"{new:,} new requests are queued for {config.annotator.name}.")
    return redirect("campaign-judges", slug=slug)


def _page(request: SignedInRequest, campaign: Campaign, form: JudgeForm, *, status: int = 200) -> HttpResponse:
    rows = _rows(campaign)
    context = {
        "campaign": campaign,
        "tab": "judges",
        "form": form,
        "rows": rows,
        "is_working": any(row["open"] for row in rows),
        "may_change": may_change(request.user, campaign),
    }
    template = "annotation/judges.html#judges" if request.htmx else "annotation/judges.html"
    return render(request, template, context, status=status)


def _rows(campaign: Campaign) -> list[dict[str, Any]]:
    """Return each judge with its requests counted by state, in two queries."""
    counted = campaign.judge_requests.order_by().values_list("config", "state").annotate(n=Count("pk"))
    by_config: dict[int, dict[str, int]] = {}
    for config, state, n in counted:
        by_config.setdefault(config, {})[state] = n
    configs = campaign.judge_configs.select_related("annotator").order_by("created_at", "pk")
    return [_row(config, by_config.get(config.pk, {})) for config in configs]


def _row(config: Any, counts: dict[str, int]) -> dict[str, Any]:
    left_over = sum(counts.get(state, 0) for state in OPEN_STATES)
    done, total = counts.get(State.SUCCEEDED, 0), sum(counts.values())
    return {"config": config, "total": total, "done": done, "open": left_over, "unusable": total - done - left_over}
