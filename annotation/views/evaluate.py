"""The evaluator's desk: one task, one form, the next task."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from annotation import tasktypes
from annotation.forms import FLAGS, AnswerForm, DraftForm, SkipForm
from annotation.models import Assignment, Campaign
from annotation.policies import CampaignNotOpen
from annotation.services import assignments, drafts, judgments, rubrics
from annotation.services import undo as undoing
from annotation.views import errors, scales
from annotation.views.access import SignedInRequest, signed_in

PAGE = "annotation/evaluate.html"
SAVED = "Saved."
PLAIN = "text/plain; charset=utf-8"
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,22}")
SIDES = {1: [("answered", "Answer")], 2: [("left", "Left"), ("right", "Right")]}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has filled in before a refusal, so that nothing is lost."""

    sent: QueryDict = field(default_factory=QueryDict)
    error: str = ""


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@signed_in
def evaluate(request: SignedInRequest, slug: str) -> HttpResponse:
    if request.method == "POST":
        return _submit(request, slug)
    return _show_next(request, slug)


@require_POST
@vary_on_headers("HX-Request")
@signed_in
def skip(request: SignedInRequest, slug: str) -> HttpResponse:
    seat = assignments.seat_of(request.user, slug)
    form = SkipForm(request.POST)
    public_id = _public_id(request)
    if not form.is_valid():
        return _refused(request, seat, public_id, Draft(error="Choose a reason, then skip."))
    try:
        assignments.skip(annotator=seat.annotator, public_id=public_id, reason=form.cleaned_data["reason"])
    except assignments.NotYours as error:
        return _gone(request, seat.campaign, str(error))
    return _go_on(request, slug, "Skipped. You do not get this task again.")


@require_POST
@signed_in
def pause(request: SignedInRequest, slug: str) -> HttpResponse:
    """Return the open task to the pool, so that it waits for nobody, and go back to the list."""
    seat = assignments.seat_of(request.user, slug)
    assignments.give_back(annotator=seat.annotator, campaign=seat.campaign)
    return redirect("evaluate-list")


@require_POST
@signed_in
def extend(request: SignedInRequest, slug: str) -> HttpResponse:
    """Keep the open task for as long again; the answer is how many seconds, for the script of the page."""
    seat = assignments.seat_of(request.user, slug)
    left = assignments.extend(annotator=seat.annotator, campaign=seat.campaign, public_id=_public_id(request))
    if not left:
        return HttpResponse("This task's time is over. What you filled in is kept.", status=409, content_type=PLAIN)
    return HttpResponse(str(left), content_type=PLAIN)


@require_POST
@vary_on_headers("HX-Request")
@signed_in
def undo(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open the task of the last answer again."""
    seat = assignments.seat_of(request.user, slug)
    public_id = _public_id(request)
    try:
        undoing.undo(by=seat.annotator, assignment_id=public_id, campaign=seat.campaign)
        assignment = assignments.get_own(public_id=public_id, annotator=seat.annotator, campaign=seat.campaign)
    except undoing.UndoTooLate as error:
        return _too_late(request, seat.campaign, str(error))
    except (assignments.NotYours, judgments.AssignmentClosed) as error:
        return _gone(request, seat.campaign, str(error))
    except CampaignNotOpen as error:
        return _closed(request, error)
    if request.htmx:
        seat = assignments.seat_of(request.user, slug)
        return _desk(request, seat, assignment, Draft(), said="Taken back. Answer again.")
    messages.success(request, "Taken back. Answer again.")
    return redirect("evaluate", slug=slug)


@require_POST
@signed_in
def draft(request: SignedInRequest, slug: str) -> HttpResponse:
    """Keep a draft for the script of the page; the answer is its new revision, or why it was not kept."""
    seat = assignments.seat_of(request.user, slug)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse("This draft could not be read. Reload the page.", status=422, content_type=PLAIN)
    try:
        revision = drafts.save(annotator=seat.annotator, campaign=seat.campaign, **form.cleaned_data)
    except drafts.DraftRefused as error:
        return HttpResponse(str(error), status=422, content_type=PLAIN)
    except drafts.DraftOutdated as error:
        return HttpResponse(str(error), status=409, content_type=PLAIN)
    return HttpResponse(str(revision), content_type=PLAIN)


def _submit(request: SignedInRequest, slug: str) -> HttpResponse:
    seat = assignments.seat_of(request.user, slug)
    form = AnswerForm(request.POST)
    public_id = _public_id(request)
    if not form.is_valid():
        return _refused(request, seat, public_id, Draft(request.POST, _first_error(form)))
    try:
        judgments.submit(
            by=seat.annotator,
            campaign=seat.campaign,
            assignment_id=public_id,
            answers=lambda criteria: scales.read(criteria, request.POST),
            idempotency_key=form.cleaned_data["key"],
            active_ms=form.cleaned_data["active_ms"],
            comment=form.cleaned_data["comment"],
            flags=form.cleaned_data["flags"],
        )
    except judgments.AnswerRefused as error:
        return _refused(request, seat, public_id, Draft(request.POST, str(error)))
    except (assignments.NotYours, judgments.AssignmentClosed) as error:
        return _gone(request, seat.campaign, str(error))
    except judgments.KeyReused:
        return _gone(request, seat.campaign, "This form was sent before with another answer. The first answer counts.")
    except CampaignNotOpen as error:
        return _closed(request, error)
    return _go_on(request, slug, SAVED)


def _public_id(request: SignedInRequest) -> str:
    """Return the id that a form names; what cannot be one is nobody's."""
    sent = request.POST.get("assignment", "")
    return sent if PUBLIC_ID.fullmatch(sent) else ""


def _refused(request: SignedInRequest, seat: assignments.Seat, public_id: str, draft: Draft) -> HttpResponse:
    """Show the same task again with what was filled in and what is wrong with it."""
    try:
        assignment = assignments.get_own(public_id=public_id, annotator=seat.annotator, campaign=seat.campaign)
    except assignments.NotYours as error:
        return _gone(request, seat.campaign, str(error))
    return _desk(request, seat, assignment, draft, status=422)


def _first_error(form: AnswerForm) -> str:
    if "comment" in form.errors:
        return str(form.errors["comment"][0])
    return "The form was incomplete. Reload the page and answer again."


def _go_on(request: SignedInRequest, slug: str, said: str) -> HttpResponse:
    """Show the next task: in place for htmx, else behind a redirect, so that a reload sends nothing again."""
    if request.htmx:
        return _show_next(request, slug, said)
    messages.success(request, said)
    return redirect("evaluate", slug=slug)


def _show_next(request: SignedInRequest, slug: str, said: str = "") -> HttpResponse:
    try:
        seat, assignment, rest = assignments.next_at_desk(user=request.user, slug=slug)
    except CampaignNotOpen as error:
        return _closed(request, error)
    said = said or _message(request)
    if assignment is None:
        context = _around(seat) | {"answered": assignments.answered(seat), "said": said, "rest": rest}
        return _render(request, context)
    return _desk(request, seat, assignment, Draft(QueryDict(assignment.draft)), said=said)


def _message(request: SignedInRequest) -> str:
    return " ".join(str(message) for message in messages.get_messages(request))


def _desk(
    request: SignedInRequest,
    seat: assignments.Seat,
    assignment: Assignment,
    draft: Draft,
    *,
    status: int = 200,
    said: str = "",
) -> HttpResponse:
    """Render one task; nothing in it names a system, a task or the canonical order."""
    task, kind = assignment.task, tasktypes.TASK_TYPES[assignment.task.task_type]
    context = _around(seat) | {
        "assignment": assignment.public_id,
        # A form sent again after a refusal keeps its key, a fresh form gets one of its own.
        "key": draft.sent.get("key") or secrets.token_urlsafe(16),
        "prompt": task.prompt,
        "content_warning": task.content_warning,
        "task_title": kind.title,
        "task_template": kind.template,
        "is_pair": kind.responses > 1,
        "sides": [
            (*name, shown.html) for name, shown in zip(SIDES[kind.responses], assignment.shown_responses, strict=True)
        ],
        "rubric": task.rubric,
        "scales": scales.show(rubrics.criteria(task.rubric_id), draft.sent, was_sent=bool(draft.error and draft.sent)),
        "draft": draft,
        "revision": assignment.draft_revision,
        "seconds_left": max(0, int((assignment.expires_at - seat.now).total_seconds())),
        "flags": [(value, label, value in draft.sent.getlist("flags")) for value, label in FLAGS],
        "skip_reasons": SkipForm.base_fields["reason"].choices,  # type: ignore[attr-defined]
        "said": said,
    }
    return _render(request, context, status=status)


def _around(seat: assignments.Seat) -> dict[str, Any]:
    """Return what stands around a task: whose campaign, how far today, when last saved."""
    return {
        "campaign": seat.campaign,
        "today": seat.today,
        "number": seat.today + 1,
        "saved_at": seat.saved_at,
        "saved_id": seat.saved_id,
        "undo_left": undoing.seconds_left(seat),
    }


def _render(request: SignedInRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    template = f"{PAGE}#task" if request.htmx else PAGE
    return render(request, template, context, status=status)


def _too_late(request: SignedInRequest, campaign: Campaign, message: str) -> HttpResponse:
    ways = [
        errors.Way(reverse("evaluate", args=[campaign.slug]), "Go on"),
        errors.Way(reverse("evaluate-list"), "Your tasks"),
    ]
    title = "The answer stands"
    return errors.page(request, status=409, title=title, message=message, code="undo too late", ways=ways)


def _gone(request: SignedInRequest, campaign: Campaign, message: str) -> HttpResponse:
    ways = [
        errors.Way(reverse("evaluate", args=[campaign.slug]), "Next task"),
        errors.Way(reverse("evaluate-list"), "Your tasks"),
    ]
    title = "This answer was not stored"
    return errors.page(request, status=409, title=title, message=message, code="assignment closed", ways=ways)


def _closed(request: SignedInRequest, error: CampaignNotOpen) -> HttpResponse:
    ways = [errors.Way(reverse("evaluate-list"), "Your tasks")]
    title = f"{error.campaign.name} takes no answers now"
    code = f"campaign {error.campaign.state}"
    return errors.page(request, status=409, title=title, message=str(error), code=code, ways=ways)
