from collections.abc import Sequence
from typing import NamedTuple

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse


class Way(NamedTuple):
    """A way on from an error page; the first one is its main button."""

    href: str
    label: str


def page(
    request: HttpRequest,
    *,
    status: int,
    title: str,
    message: str,
    code: str = "",
    ways: Sequence[Way] = (),
    plain: bool = False,
) -> HttpResponse:
    """Answer with one panel that says what happened and what to do.

    A plain page reads neither session nor database, so that it also works when they do not.
    """
    reference = structlog.contextvars.get_contextvars().get("request_id", "")[:8] if status >= 409 else ""
    context = {"status": status, "title": title, "message": message, "code": code, "reference": reference}
    context["ways"] = ways or (Way(reverse("home"), "Back to the start"),)
    content = render_to_string("error.html", context, request=None if plain else request)
    response = HttpResponse(content, status=status)
    if getattr(request, "htmx", False):
        # The whole page takes the place of the region that was asked for.
        response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML show:window:top"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, status=400, title="That could not be read", message="Go back and send the form again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = str(exception) or "Your role does not allow this. Ask an administrator if it should."
    return page(request, status=403, title="Not yours to open", message=message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        # Here, because the REST framework must be set up by its own first import.
        from annotation.api import problems

        return problems.not_found(request)
    return page(request, status=404, title="Nothing here", message="The address is wrong, or it is not yours to see.")


def server_error(request: HttpRequest) -> HttpResponse:
    message = "Try again. If it keeps happening, tell an administrator the time."
    return page(request, status=500, title="Something broke on our side", message=message, plain=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This form was open too long or came from another site. Go back, reload the page and send it again."
    return page(request, status=403, title="The form has expired", message=message, code="csrf")
