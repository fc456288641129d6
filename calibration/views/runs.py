import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation.views import access
from annotation.views.access import SignedInRequest, signed_in
from calibration import jobs
from calibration.models import Run
from calibration.services import runs
from calibration.views.tables import runs as run_tables

PAGE = 30


@signed_in
@require_GET
def index(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the campaign's runs, the newest first."""
    campaign = access.readable_campaign(request, slug)
    before = request.GET.get("before", "")
    found = campaign.runs.select_related("requested_by").defer("figures", "settings", "adequacy").order_by("-pk")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before))
    shown = list(found[: PAGE + 1])
    context = {
        "campaign": campaign,
        "may_change": access.may_change(request.user, campaign),
        "tab": "runs",
        "latest": None if before else next(iter(shown), None),
        "rows": shown[:PAGE],
        "following": shown[PAGE - 1].pk if len(shown) > PAGE else None,
    }
    return render(request, "calibration/runs.html", context)


@signed_in
@require_GET
def detail(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Show one run: its progress while it lasts, its diagnostics and its recipe afterwards."""
    campaign = access.readable_campaign(request, slug)
    run = get_object_or_404(campaign.runs.select_related("requested_by").defer("figures"), public_id=public_id)
    context = {"campaign": campaign, "may_change": access.may_change(request.user, campaign), "tab": "runs", "run": run}
    if request.headers.get("HX-Target") == "progress":
        return _progress(request, run, context)
    context |= {"diagnostics": run_tables.diagnostics(run), "seen": run_tables.counts(run)}
    context |= {"checks": run_tables.checks(run), "accounts": run_tables.accounts(run)}
    context |= {"floors": run_tables.floors(run), "differing": run_tables.differing(run)}
    context["uncomputed"] = run_tables.uncomputed(run)
    context |= {"groups": run_tables.groups(run), "recipe": run_tables.recipe(run)}
    return render(request, "calibration/run.html", context)


def _progress(request: SignedInRequest, run: Run, context: dict[str, object]) -> HttpResponse:
    response = render(request, "calibration/run.html#progress", context | {"is_poll": True})
    if run.is_finished:
        response["HX-Refresh"] = "true"
    return response


@signed_in
@require_POST
def start(request: SignedInRequest, slug: str) -> HttpResponse:
    """Queue a run; where one is under way already, join it."""
    campaign = access.changeable_campaign(request, slug)
    try:
        run = runs.request(campaign=campaign, by=request.user)
    except runs.NothingToCalibrate as error:
        messages.error(request, str(error))
        return redirect("calibration:overview", slug)
    jobs.calibrate.delay_on_commit(run_id=run.pk)
    return redirect("calibration:run", slug, run.public_id)


@signed_in
@require_POST
def cancel(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    campaign = access.changeable_campaign(request, slug)
    run = get_object_or_404(campaign.runs, public_id=public_id)
    try:
        runs.cancel(run=run, by=request.user)
    except runs.AlreadyFinished as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Run {run.pk} stops at its next step. It gives no estimates.")
    return redirect("calibration:run", slug, run.public_id)
