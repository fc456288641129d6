"""The judges of a campaign: add, start, pause, resume, cancel, and how far their requests are."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from annotation import jobs
from annotation.judge_forms import EndpointForm, JudgeForm, RunForm
from annotation.models import Campaign, JudgeConfig, JudgeRequest, JudgeRun
from annotation.services import judging
from annotation.views.access import SignedInRequest, changeable_campaign, may_change, readable_campaign, signed_in

State = JudgeRequest.State
OPEN_STATES = (State.QUEUED, State.LEASED)
ACTIONS: dict[str, Callable[..., None]] = {"pause": judging.pause, "resume": judging.resume, "cancel": judging.cancel}


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@signed_in
def campaign_judges(request: SignedInRequest, slug: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request, readable_campaign(request, slug), JudgeForm())
    campaign = changeable_campaign(request, slug)
    form = JudgeForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, form, status=422)
    try:
        config = judging.add_judge(campaign=campaign, by=request.user, **form.judge())
    except judging.JudgeRefused as error:
        form.add_error(None, str(error))
        return _page(request, campaign, form, status=422)
    messages.success(request, f"{config.annotator.name} is set and frozen. Start it when its tasks are in.")
    return redirect("campaign-judges", slug=slug)


@require_POST
@signed_in
def judge_start(request: SignedInRequest, slug: str, config_id: int) -> HttpResponse:
    """Plan a judge's requests on all tasks, both orders, and start on them."""
    config = _judge(changeable_campaign(request, slug), config_id)
    form = RunForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The budget is a number of at least 0, or nothing.")
        return redirect("campaign-judges", slug=slug)
    values = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    try:
        new = judging.plan(config=config, by=request.user, **values)
    except judging.JudgeRefused as error:
        messages.error(request, str(error))
        return redirect("campaign-judges", slug=slug)
    jobs.start_judge(config)
    messages.success(request, f"{new:,} new requests are queued for {config.annotator.name}.")
    return redirect("campaign-judges", slug=slug)


@require_POST
@signed_in
def judge_run(request: SignedInRequest, slug: str, config_id: int, action: str) -> HttpResponse:
    """Pause, resume or cancel the open run of a judge."""
    config = _judge(changeable_campaign(request, slug), config_id)
    run = get_object_or_404(config.runs.filter(state__in=[JudgeRun.State.RUNNING, JudgeRun.State.PAUSED]))
    try:
        ACTIONS[action](run=run, by=request.user)
    except judging.JudgeRefused as error:
        messages.error(request, str(error))
    if action == "resume":
        jobs.start_judge(config)
    return redirect("campaign-judges", slug=slug)


@require_http_methods(["GET", "POST"])
@signed_in
def judge_endpoint(request: SignedInRequest, slug: str, config_id: int) -> HttpResponse:
    """Change address, key and limits of the endpoint that a judge is reached at."""
    campaign = changeable_campaign(request, slug)
    config = _judge(campaign, config_id)
    endpoint = config.endpoint
    limits = ("requests_per_minute", "tokens_per_minute", "max_concurrent")
    now = {name: getattr(endpoint, name) for name in ("base_url", *limits)}
    form = EndpointForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            judging.change_endpoint(endpoint=endpoint, by=request.user, **form.cleaned_data)
        except judging.JudgeRefused as error:
            form.add_error(None, str(error))
        else:
            held = "It holds a key." if endpoint.has_key else "It holds no key."
            messages.success(request, f"The endpoint is changed. {held}")
            return redirect("campaign-judges", slug=slug)
    context = {"campaign": campaign, "tab": "judges", "form": form, "config": config, "endpoint": endpoint}
    status = 422 if form.errors else 200
    return render(request, "annotation/judge_endpoint.html", context, status=status)


def _judge(campaign: Campaign, config_id: int) -> JudgeConfig:
    judges = campaign.judge_configs.select_related("annotator", "campaign", "endpoint__campaign")
    return get_object_or_404(judges, pk=config_id)


def _page(request: SignedInRequest, campaign: Campaign, form: JudgeForm, *, status: int = 200) -> HttpResponse:
    rows = _rows(campaign)
    context = {
        "campaign": campaign,
        "tab": "judges",
        "form": form,
        "rows": rows,
        "is_working": any(row["run"] and row["run"].state == "running" and row["open"] for row in rows),
        "may_change": may_change(request.user, campaign),
    }
    template = "annotation/judges.html#judges" if request.htmx else "annotation/judges.html"
    return render(request, template, context, status=status)


def _rows(campaign: Campaign) -> list[dict[str, Any]]:
    """Return each judge with its requests counted by state, its last run and what it spent, in three queries."""
    is_task = Count("pk", filter=Q(probe=""))
    counted = campaign.judge_requests.order_by().values_list("config", "state").annotate(n=Count("pk"), tasks=is_task)
    by_config: dict[int, dict[str, int]] = {}
    for config, state, n, tasks in counted:
        counts = by_config.setdefault(config, {})
        counts[state] = tasks
        counts["sentinels"] = counts.get("sentinels", 0) + n - tasks
        counts["all open"] = counts.get("all open", 0) + (n if state in OPEN_STATES else 0)
    runs = {run.config_id: run for run in campaign.judge_runs.order_by("pk")}
    configs = campaign.judge_configs.select_related("annotator", "endpoint").annotate(spent=Sum("runs__spent"))
    return [
        _row(config, by_config.get(config.pk, {}), runs.get(config.pk))
        for config in configs.order_by("created_at", "pk")
    ]


def _row(config: Any, counts: dict[str, int], run: JudgeRun | None) -> dict[str, Any]:
    sentinels, waiting = counts.pop("sentinels", 0), counts.pop("all open", 0)
    left_over = sum(counts.get(state, 0) for state in OPEN_STATES)
    done, total = counts.get(State.SUCCEEDED, 0), sum(counts.values())
    return {
        "config": config, "total": total, "done": done, "open": waiting, "run": run, "sentinels": sentinels,
        "unusable": total - done - left_over,
    }  # fmt: skip
