"""One judge: what it prefers besides quality, whether it may stand in for people, and what it cost."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Avg, Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Annotator, Campaign, JudgeAttempt, JudgeConfig, JudgeRequest
from annotation.services import judging
from annotation.views import access
from annotation.views.access import SignedInRequest, signed_in
from calibration import jobs
from calibration.models import JudgeReport
from calibration.views import basis
from calibration.views.tables import judge_report


@signed_in
@require_GET
def detail(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    stands = basis.of(request, slug)
    annotator = _judge(stands.campaign, public_id)
    config = JudgeConfig.objects.filter(annotator=annotator).select_related("endpoint").first()
    report = JudgeReport.objects.filter(campaign=stands.campaign, annotator=annotator).order_by("-pk").first()
    run = config.runs.order_by("-pk").first() if config else None
    context = stands.context(
        "judges",
        annotator=annotator,
        config=config,
        last_run=run,
        sentinels=judge_report.rates(judging.sentinel_report(run)) if run and run.state != "running" else [],
        ledger=_ledger(config) if config else None,
        report=report,
        figures=judge_report.read(report, stands.campaign) if report else None,
    )
    return render(request, "calibration/judge.html", context)


@require_POST
@signed_in
def examine(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Queue an examination against the judgments of now."""
    campaign = access.changeable_campaign(request, slug)
    annotator = _judge(campaign, public_id)
    jobs.examine_judge.delay_on_commit(campaign_id=campaign.pk, annotator_id=annotator.pk, user_id=request.user.pk)
    messages.success(request, f"{annotator.name} is being examined. Reload this page in a moment.")
    return redirect("calibration:judge", slug=slug, public_id=public_id)


def _judge(campaign: Campaign, public_id: uuid.UUID) -> Annotator:
    here = Q(judge_config__campaign=campaign) | Q(judgments__campaign=campaign)
    found = Annotator.objects.filter(here, kind=Annotator.Kind.JUDGE, public_id=public_id).distinct()
    return get_object_or_404(found)


def _ledger(config: JudgeConfig) -> dict[str, Any]:
    """Add up what the judge's calls took."""
    mine = JudgeAttempt.objects.filter(request__config=config)
    found = mine.aggregate(
        calls=Count("pk"), cost=Sum("cost"), estimated=Count("pk", filter=Q(is_cost_estimated=True)),
        latency=Avg("latency_ms"), failed=Count("pk", filter=~Q(error_code="")),
    )  # fmt: skip
    valid = JudgeRequest.objects.filter(config=config, state="succeeded", probe="").count()
    cost = found["cost"] or 0
    return found | {"cost": cost, "valid": valid, "per_verdict": cost / valid if valid else None}
