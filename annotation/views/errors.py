from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page(request: HttpRequest, *, status: int, title: str, message: str, code: str = "") -> HttpResponse:
    """Answer with one panel that says what happened and what to do."""
    context = {"status": status, "title": title, "message": message, "code": code}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, status=400, title="That could not be read", message="Go back and send the form again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = str(exception) or "Your role does not allow this. Ask an administrator if it should."
    return page(request, status=403, title="Not yours to open", message=message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, status=404, title="Nothing here", message="The address is wrong, or it is not yours to see.")


def server_error(request: HttpRequest) -> HttpResponse:
    message = "Nothing you submitted is lost. Try again; if it keeps happening, tell an administrator the time."
    return page(request, status=500, title="Something broke on our side", message=message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This form was open too long or came from another site. Go back, reload the page and send it again."
    return page(request, status=403, title="The form has expired", message=message, code="csrf")
