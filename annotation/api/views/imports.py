import uuid
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint
from annotation.api.problems import Problem
from annotation.api.serializers.imports import ImportInput, ImportOutput
from annotation.models import Import
from annotation.services import imports

# Boundaries and the other fields of a form.
SLACK = 1_000_000


class Imports(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}
    parameters = pages.PageQuery
    parser_classes = [MultiPartParser]

    @extend_schema(responses=pages.of(ImportOutput))
    def get(self, request: Request, slug: str) -> Response:
        """List imports, the newest first."""
        rows = self.campaign.imports.select_related("campaign")
        show = lambda found: ImportOutput(found, many=True).data  # noqa: E731
        return pages.page(request, self.query, rows, show, newest_first=True)

    @extend_schema(request={"multipart/form-data": ImportInput}, responses={202: ImportOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Upload one file, or the several files of a format, and queue their check."""
        _check_length(request)
        body = ImportInput(data=_fields(request))
        body.is_valid(raise_exception=True)
        source = imports.start(campaign=self.campaign, by=self.user, **body.validated_data)
        if not source.is_finished:
            jobs.run_import.delay_on_commit(import_id=source.pk)
        return _accepted(self.campaign.slug, source)


class ImportOne(CampaignEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses=ImportOutput)
    def get(self, request: Request, slug: str, public_id: uuid.UUID) -> Response:
        """Show how far an import is, what it found, every problem with file, line and field."""
        return Response(ImportOutput(get_object_or_404(self.campaign.imports, public_id=public_id)).data)


class ImportConfirm(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=None, responses={202: ImportOutput})
    def post(self, request: Request, slug: str, public_id: uuid.UUID) -> Response:
        """Store a checked import."""
        source = get_object_or_404(self.campaign.imports.select_related("campaign"), public_id=public_id)
        imports.confirm(import_=source, by=self.user)
        jobs.run_import.delay_on_commit(import_id=source.pk)
        source.refresh_from_db()
        return _accepted(slug, source)


def _check_length(request: Request) -> None:
    """Refuse an upload that says itself that it is too large, before a byte of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(length) > settings.IMPORT_MAX_BYTES + SLACK:
        raise Problem(413, "too_large", f"An upload has at most {settings.IMPORT_MAX_BYTES:,} bytes. Split the file.")


def _fields(request: Request) -> dict[str, Any]:
    """Return the form as plain values; of `files` there may be several, of the rest one each."""
    data: Any = request.data
    fields = {name: values[0] if len(values) == 1 else values for name, values in data.lists()}
    return fields | ({"files": data.getlist("files")} if "files" in data else {})


def _accepted(slug: str, source: Import) -> Response:
    address = reverse("api-import", args=[slug, source.public_id])
    return Response(ImportOutput(source).data, status=202, headers={"Location": address})
