"""Errors of the API as RFC 9457 problem documents with a stable code."""

import math
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback


class Problem(exceptions.APIException):
    """A refusal with a code that clients can rely on."""

    def __init__(self, status_code: int, code: str, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.retry_after = retry_after


REFUSALS: dict[type[Exception], tuple[int, str]] = {}
# SQLSTATEs after which the same request may well succeed: lock not available, deadlock, serialization failure.
BUSY = {"55P03", "40P01", "40001"}


def answer(refusal: type[Exception], status_code: int, code: str) -> None:
    """Answer an exception of the services with this status and code; its own message is the detail."""
    REFUSALS[refusal] = (status_code, code)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into application/problem+json; None lets Django answer 500."""
    error = _translated(error)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    response = Response(_document(error), status=error.status_code, content_type="application/problem+json")
    if wait := getattr(error, "wait", None) or getattr(error, "retry_after", None):
        response["Retry-After"] = str(math.ceil(wait))
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    return response


def _translated(error: Exception) -> Exception:
    for kind in type(error).__mro__:
        if kind in REFUSALS:
            return Problem(*REFUSALS[kind], str(error))
    if isinstance(error, Http404):
        return exceptions.NotFound("No such thing, or not yours to see.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or "Your role does not allow this.")
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "too_large", "The body is too large. Send less, or import a file.")
    if isinstance(error, SuspiciousOperation):
        return Problem(400, "bad_request", "The request could not be read. Look at its fields and their number.")
    if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") in BUSY:
        return Problem(409, "busy", "Somebody else is changing the same thing. Try again.", retry_after=1)
    return error


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
    return document


def _title(code: int) -> str:
    names = {400: "Bad request", 401: "Sign-in needed", 403: "Not allowed", 404: "Not found", 405: "Method not allowed"}
    names |= {409: "Conflict", 413: "Too large", 415: "Wrong media type", 422: "Refused", 429: "Too many requests"}
    return names.get(code, "Error")


def not_found(request: HttpRequest) -> JsonResponse:
    """Answer an unknown address below /api/ in the API's own form."""
    body = {
        "type": "about:blank",
        "status": 404,
        "code": "not_found",
        "title": "Not found",
        "detail": "No such address.",
    }
    return JsonResponse(body, status=status.HTTP_404_NOT_FOUND, content_type="application/problem+json")
