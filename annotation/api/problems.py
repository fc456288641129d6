"""Errors of the API as RFC 9457 problem documents with a stable code."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback


class Problem(exceptions.APIException):
    """A refusal with a code that clients can rely on."""

    def __init__(self, status_code: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.extra = extra


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into application/problem+json; None lets Django answer 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("No such thing, or not yours to see.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or "Your role does not allow this.")
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    response = Response(_document(error), status=error.status_code, content_type="application/problem+json")
    if isinstance(error, exceptions.Throttled) and error.wait:
        response["Retry-After"] = str(int(error.wait) + 1)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    return response


def _document(error: exceptions.APIException) -> dict[str, Any]:
    codes = error.get_codes()
    document: dict[str, Any] = {
        "type": "about:blank",
        "status": error.status_code,
        "code": codes if isinstance(codes, str) else "invalid",
        "title": _title(error.status_code),
    }
    if isinstance(error, exceptions.ValidationError):
        document |= {"detail": "Some fields are wrong; see errors.", "errors": error.detail}
    else:
        document["detail"] = str(error.detail)
    return document | getattr(error, "extra", {})


def _title(code: int) -> str:
    names = {400: "Bad request", 401: "Sign-in needed", 403: "Not allowed", 404: "Not found", 405: "Method not allowed"}
    names |= {409: "Conflict", 415: "Wrong media type", 422: "Refused", 429: "Too many requests"}
    return names.get(code, "Error")


def not_found(request: HttpRequest) -> JsonResponse:
    """Answer an unknown address below /api/ in the API's own form."""
    body = {"type": "about:blank", "status": 404, "code": "not_found", "title": "Not found", "detail": "No such address."}
    return JsonResponse(body, status=status.HTTP_404_NOT_FOUND, content_type="application/problem+json")
