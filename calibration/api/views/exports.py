import base64
import uuid
from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint, Endpoint
from annotation.models import Campaign
from calibration import jobs
from calibration.api.serializers.exports import ExportDetail, ExportInput, ExportOutput, ExportQuery
from calibration.models import Export
from calibration.services import exports

CHUNK = 1 << 20


class Exports(Endpoint):
    role_table = {"GET": roles.SIGNED_IN, "POST": roles.SIGNED_IN}
    parameters = ExportQuery

    @extend_schema(responses=pages.of(ExportOutput))
    def get(self, request: Request) -> Response:
        """List releases of the campaigns that you may read, the newest first."""
        readable = Campaign.objects.readable_by(self.user)
        if "campaign" in self.query:
            readable = readable.filter(pk=get_object_or_404(readable, slug=self.query["campaign"]).pk)
        rows = Export.objects.filter(campaign__in=readable).select_related("campaign", "run").defer("manifest")
        return pages.page(
            request, self.query, rows, lambda found: ExportOutput(found, many=True).data, newest_first=True
        )

    @extend_schema(request=ExportInput, responses={202: ExportDetail})
    def post(self, request: Request) -> Response:
        """Ask for a release of a run that passed its checks; poll the address in `Location`."""
        body = ExportInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        campaign = get_object_or_404(Campaign.objects.readable_by(self.user), slug=wanted["campaign"])
        roles.check(roles.within(self.user, campaign), roles.RESEARCHERS)
        run = get_object_or_404(campaign.runs, public_id=wanted["run"]) if "run" in wanted else None
        chosen = dict(wanted.get("options", {}))
        export = exports.request(campaign=campaign, by=self.user, run=run, chosen=chosen)
        jobs.build_export.delay_on_commit(export_id=export.pk)
        address = reverse("api-export", args=[export.public_id])
        return Response(ExportDetail(export).data, status=202, headers={"Location": address})


class ExportEndpoint(CampaignEndpoint):
    """An address about one release; its campaign decides who may see it."""

    export: Export

    def find_campaign(self, **kwargs: Any) -> Campaign:
        found = Export.objects.select_related("campaign", "run").filter(public_id=kwargs["public_id"]).first()
        if found is None:
            raise Http404
        self.export = found
        return found.campaign


class ExportOne(ExportEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses=ExportDetail)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Show how far a release is, and its manifest once it is done."""
        return Response(ExportDetail(self.export).data)


class Download(ExportEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, 304: None})
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponseBase:
        """Download a finished release; its SHA-256 stands in the headers."""
        path, digest = exports.path_of(self.export), self.export.archive_sha256
        etag = f'"{digest}"'
        known = parse_etags(request.headers.get("If-None-Match", ""))
        response: HttpResponseBase
        if etag in known or "*" in known:
            response = HttpResponseNotModified()
        elif not path.is_file():
            raise Http404
        else:
            response = _stream(path.open("rb"), exports.file_name(self.export))
            response["X-Checksum-SHA256"] = digest
            response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
        response["ETag"] = etag
        return response


def _stream(file: Any, name: str) -> FileResponse:
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    response.block_size = CHUNK
    return response
