from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.views import access
from annotation.views.access import SignedInRequest, signed_in
from calibration.services import planning


@signed_in
@require_GET
def show(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say how sharp the answer of a campaign can be: of its tasks, or of those that an import would bring."""
    campaign = access.readable_campaign(request, slug)
    tasks, systems = (_count(request, name) for name in ("tasks", "systems"))
    if tasks and systems > 1:
        plan = planning.of(tasks=tasks, pairs=min(tasks, systems * (systems - 1) // 2), overlap=campaign.overlap)
    else:
        plan = planning.plan(campaign)
    return render(request, "calibration/planning.html", {"plan": plan, "campaign": campaign})


def _count(request: SignedInRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
