"""Lists in pages: a cursor after the last row seen, so that a page costs the same at any depth."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from annotation.api.problems import Problem
from annotation.api.strict import Query

MAX_PAGE = 200


class PageQuery(Query):
    page_size = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=50, help_text="Rows a page.")
    cursor = serializers.CharField(max_length=40, required=False, help_text="From `next` of the page before.")


def of(record: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a page of records, for the schema."""
    name = record.__name__.removesuffix("Serializer")
    fields = {
        "results": record(many=True),
        "next": serializers.URLField(allow_null=True, help_text="Address of the next page, null on the last."),
    }
    return type(f"{name}Page", (serializers.Serializer,), fields)


def page[M: Model](
    request: Request,
    query: dict[str, Any],
    rows: QuerySet[M, Any],
    show: Callable[[list[M]], Any],
    *,
    newest_first: bool = False,
) -> Response:
    """Answer one page of rows by ascending, or descending, primary key."""
    if cursor := query.get("cursor"):
        rows = rows.filter(**{"pk__lt" if newest_first else "pk__gt": _decoded(cursor)})
    size = query["page_size"]
    found = list(rows.order_by("-pk" if newest_first else "pk")[: size + 1])
    following = None
    if len(found) > size:
        following = replace_query_param(request.build_absolute_uri(), "cursor", _encoded(found[size - 1].pk))
    return Response({"results": show(found[:size]), "next": following})


def _encoded(pk: int) -> str:
    return base64.urlsafe_b64encode(pk.to_bytes(8)).decode().rstrip("=")


def _decoded(cursor: str) -> int:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 8 or raw[0] > 127:
        raise Problem(400, "bad_cursor", "This cursor is none of ours. Take it from `next` of the page before.")
    return int.from_bytes(raw)
