import uuid
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint, Endpoint
from annotation.api.problems import Problem
from annotation.models import Campaign
from calibration import jobs
from calibration.api import ranges
from calibration.api.serializers.exports import ExportDetail, ExportInput, ExportOutput, ExportQuery
from calibration.models import Export
from calibration.services import exports

MAX_KEY = 100


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
        export = exports.request(campaign=campaign, by=self.user, run=run, chosen=chosen, key=_key(request))
        if export.state == Export.State.QUEUED:
            jobs.build_export.delay_on_commit(export_id=export.pk)
        address = reverse("api-export", args=[export.public_id])
        return Response(ExportDetail(export).data, status=202, headers={"Location": address})


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        raise Problem(
            400, "idempotency_key_bad", f"An Idempotency-Key has at most {MAX_KEY} printable ASCII characters."
        )
    return key


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

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, 304: None, 416: None})
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponseBase:
        """Download a finished release, whole or a range of it; its SHA-256 stands in the headers."""
        path, digest = exports.path_of(self.export), self.export.archive_sha256
        if not path.is_file():
            raise Http404
        name, size = exports.file_name(self.export), path.stat().st_size
        return ranges.send(request, path.open("rb"), size=size, sha256=digest, name=name, kind="application/zip")


class ReleaseFile(ExportEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 304: None, 416: None})
    def get(self, request: Request, public_id: uuid.UUID, name: str) -> HttpResponseBase:
        """Download one file of a release, whole or a range of it, such as `calibrated.parquet`."""
        try:
            file, size, digest, kind = exports.open_file(self.export, name)
        except FileNotFoundError:
            raise Http404 from None
        short = name.rsplit("/", 1)[-1]
        return ranges.send(request, file, size=size, sha256=digest, name=short, kind=kind)


class ExportCancel(ExportEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=None, responses={202: ExportDetail})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Stop a release that is not built yet."""
        return Response(ExportDetail(exports.cancel(export=self.export, by=self.user)).data, status=202)
