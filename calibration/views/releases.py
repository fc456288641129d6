import uuid
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation.views import access
from annotation.views.access import SignedInRequest, signed_in
from calibration import jobs
from calibration.models import Export
from calibration.services import exports
from calibration.views import basis
from calibration.views.figures import AGREEMENT
from calibration.views.tables import releases

CHUNK = 1 << 20


@signed_in
@require_GET
def index(request: SignedInRequest, slug: str) -> HttpResponse:
    """List releases, the newest first, with the build under way and what the last one holds."""
    stands = basis.of(request, slug)
    rows = releases.rows(stands.campaign)
    contents = releases.contents(rows)
    building = next((row.export for row in rows if row.export.state in releases.UNDER_WAY), None)
    context = stands.context(
        "releases",
        rows=rows,
        building=building,
        contents=contents,
        contents_title=f"What release {contents.number} holds" if contents else "",
        contents_size="c7" if building else "",
        agreement_scale=AGREEMENT,
    )
    return render(request, "calibration/releases.html", context)


@signed_in
@require_GET
def progress(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Answer the region that polls a build; once it is over, the whole page is read again."""
    campaign = access.readable_campaign(request, slug)
    building = get_object_or_404(campaign.exports.all(), public_id=public_id)
    response = render(request, "calibration/releases.html#progress", {"campaign": campaign, "building": building})
    if building.state not in releases.UNDER_WAY:
        response["HX-Refresh"] = "true"
    return response


@signed_in
@require_POST
def build(request: SignedInRequest, slug: str) -> HttpResponse:
    """Queue a release of the last passed run."""
    campaign = access.changeable_campaign(request, slug)
    try:
        export = exports.request(campaign=campaign, by=request.user)
    except exports.NoPassedRun as error:
        messages.error(request, str(error))
    else:
        jobs.build_export.delay_on_commit(export_id=export.pk)
    return redirect("calibration:releases", slug)


# A streamed answer is no HttpResponse to the type checker.
@signed_in  # type: ignore[arg-type]
@require_GET
def download(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> FileResponse:
    """Stream the archive of a finished release to those who may read the campaign."""
    campaign = access.readable_campaign(request, slug)
    export = get_object_or_404(campaign.exports.all(), public_id=public_id, state=Export.State.DONE)
    path = _archive(export)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=exports.file_name(export))
    response.block_size = CHUNK
    return response


def _archive(export: Export) -> Path:
    path = exports.path_of(export)
    if not path.is_file():
        raise Http404("The archive of this release is not on this machine. Ask an administrator to restore it.")
    return path
