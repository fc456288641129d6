import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def private_pages(get_response: Handler) -> Handler:
    """Give each request an id that its audit events carry, and keep personal pages out of shared caches."""

    def handle(request: HttpRequest) -> HttpResponse:
        with structlog.contextvars.bound_contextvars(request_id=str(uuid.uuid4())):
            response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    return handle
