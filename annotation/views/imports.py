"""Bring files into a campaign: upload, check, preview, commit."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from annotation import jobs
from annotation.forms import ImportForm
from annotation.models import Campaign, Import
from annotation.services import imports
from annotation.views.access import SignedInRequest, changeable_campaign, may_change, readable_campaign, signed_in

PAGE = "annotation/import_detail.html"


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_import(request: SignedInRequest, slug: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request, readable_campaign(request, slug), ImportForm())
    campaign = changeable_campaign(request, slug)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, campaign, form, status=422)
    try:
        started = imports.start(
            campaign=campaign, by=request.user, files=form.cleaned_data.pop("uploads"), **form.cleaned_data
        )
    except imports.UploadRefused as error:
        form.add_error("uploads", str(error))
        return _page(request, campaign, form, status=422)
    if not started.is_finished:
        jobs.run_import.delay_on_commit(import_id=started.pk)
    return redirect("import-detail", slug=slug, public_id=started.public_id)


def _page(request: SignedInRequest, campaign: Campaign, form: ImportForm, *, status: int = 200) -> HttpResponse:
    context = {
        "campaign": campaign,
        "tab": "import",
        "form": form,
        "may_change": may_change(request.user, campaign),
        "imports": campaign.imports.select_related("requested_by").order_by("-id")[:50],
    }
    return render(request, "annotation/import.html", context, status=status)


@require_GET
@vary_on_headers("HX-Request")
@signed_in
def import_detail(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Show one import; its region is polled until it has finished."""
    campaign = readable_campaign(request, slug)
    found = get_object_or_404(campaign.imports, public_id=public_id)
    template = f"{PAGE}#progress" if request.htmx else PAGE
    return render(request, template, _detail(request, campaign, found))


def _detail(request: SignedInRequest, campaign: Campaign, found: Import) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "tab": "import",
        "import": found,
        "may_change": may_change(request.user, campaign),
        "is_ready": found.state == Import.State.PREVIEWED,
        "new_rows": sorted(found.counts.items()),
        "hidden_errors": found.error_total - len(found.errors),
        "samples": [_sample(sample) for sample in found.samples],
    }


def _sample(stored: dict[str, str]) -> dict[str, Any]:
    pair = [("left", "Left", stored["left_html"]), ("right", "Right", stored["right_html"])]
    sides = pair if stored["right_html"] is not None else [("answered", "Answer", stored["left_html"])]
    return {"prompt_html": stored["prompt_html"], "sides": sides}


@require_POST
@signed_in
def import_confirm(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    found = get_object_or_404(campaign.imports, public_id=public_id)
    try:
        imports.confirm(import_=found, by=request.user)
    except imports.UploadRefused as error:
        messages.error(request, str(error))
    else:
        jobs.run_import.delay_on_commit(import_id=found.pk)
    return redirect("import-detail", slug=slug, public_id=public_id)
