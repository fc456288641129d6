"""The evaluator's desk: one task, one form, the next task."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from annotation.forms import FLAGS, AnswerForm, SkipForm
from annotation.models import Annotator, Assignment, Campaign, Judgment
from annotation.permissions import check_may_evaluate
from annotation.policies import CampaignNotOpen
from annotation.services import assignments, judgments
from annotation.views import errors, scales
from annotation.views.access import SignedInRequest, signed_in

PAGE = "annotation/evaluate.html"
SAVED = "Saved."


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has filled in before a refusal, so that nothing is lost."""

    sent: QueryDict = field(default_factory=QueryDict)
    error: str = ""


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@signed_in
def evaluate(request: SignedInRequest, slug: str) -> HttpResponse:
    annotator, campaign = _seat(request, slug)
    if request.method == "POST":
        return _submit(request, annotator, campaign)
    return _show_next(request, annotator, campaign)


@require_POST
@vary_on_headers("HX-Request")
@signed_in
def skip(request: SignedInRequest, slug: str) -> HttpResponse:
    annotator, campaign = _seat(request, slug)
    form = SkipForm(request.POST)
    try:
        assignment = _own(request.POST.get("assignment", ""), annotator, campaign)
        if not form.is_valid():
            return _desk(request, assignment, Draft(error="Choose a reason, then skip."), status=422)
        assignments.skip(annotator=annotator, public_id=assignment.public_id, reason=form.cleaned_data["reason"])
    except assignments.NotYours as error:
        return _gone(request, campaign, str(error))
    return _go_on(request, annotator, campaign, "Skipped. You do not get this task again.")


def _seat(request: SignedInRequest, slug: str) -> tuple[Annotator, Campaign]:
    campaign = get_object_or_404(Campaign, slug=slug)
    annotator = Annotator.objects.filter(user=request.user).first()
    if annotator is None:
        raise Http404("No such campaign.")
    check_may_evaluate(annotator, campaign)
    return annotator, campaign


def _own(public_id: str, annotator: Annotator, campaign: Campaign) -> Assignment:
    assignment = assignments.get_own(public_id=public_id, annotator=annotator)
    if assignment.campaign_id != campaign.pk:
        raise assignments.NotYours("This task is not yours. Go back to your tasks.")
    return assignment


def _submit(request: SignedInRequest, annotator: Annotator, campaign: Campaign) -> HttpResponse:
    form = AnswerForm(request.POST)
    try:
        assignment = _own(request.POST.get("assignment", ""), annotator, campaign)
        if not form.is_valid():
            return _desk(request, assignment, Draft(request.POST, _first_error(form)), status=422)
        judgments.submit(
            by=annotator,
            assignment_id=assignment.public_id,
            answers=scales.read(_criteria(assignment), request.POST),
            idempotency_key=form.cleaned_data["key"],
            active_ms=form.cleaned_data["active_ms"],
            comment=form.cleaned_data["comment"],
            flags=form.cleaned_data["flags"],
        )
    except judgments.AnswerRefused as error:
        return _desk(request, assignment, Draft(request.POST, str(error)), status=422)
    except (assignments.NotYours, judgments.AssignmentClosed) as error:
        return _gone(request, campaign, str(error))
    except judgments.KeyReused:
        return _gone(request, campaign, "This form was sent before with another answer. The first answer counts.")
    except CampaignNotOpen as error:
        return _closed(request, campaign, error)
    return _go_on(request, annotator, campaign, SAVED)


def _first_error(form: AnswerForm) -> str:
    if "comment" in form.errors:
        return str(form.errors["comment"][0])
    return "The form was incomplete. Reload the page and answer again."


def _go_on(request: SignedInRequest, annotator: Annotator, campaign: Campaign, said: str) -> HttpResponse:
    """Show the next task: in place for htmx, else behind a redirect, so that a reload sends nothing again."""
    if request.htmx:
        return _show_next(request, annotator, campaign, said)
    messages.success(request, said)
    return redirect("evaluate", slug=campaign.slug)


def _show_next(request: SignedInRequest, annotator: Annotator, campaign: Campaign, said: str = "") -> HttpResponse:
    try:
        assignment = assignments.next_for(annotator=annotator, campaign=campaign)
    except CampaignNotOpen as error:
        return _closed(request, campaign, error)
    if assignment is None:
        context = _around(annotator, campaign) | {"said": said or _message(request)}
        return _render(request, context)
    own = assignments.get_own(public_id=assignment.public_id, annotator=annotator)
    return _desk(request, own, Draft(), said=said or _message(request))


def _message(request: SignedInRequest) -> str:
    return " ".join(str(message) for message in messages.get_messages(request))


def _desk(
    request: SignedInRequest, assignment: Assignment, draft: Draft, *, status: int = 200, said: str = ""
) -> HttpResponse:
    """Render one task; nothing in it names a system, a task or the canonical order."""
    task = assignment.task
    first, second = task.response_a, task.response_b
    if assignment.shown_order == "ba":
        first, second = second, first
    context = _around(assignment.annotator, assignment.campaign) | {
        "assignment": assignment.public_id,
        # A form sent again after a refusal keeps its key, a fresh form gets one of its own.
        "key": draft.sent.get("key") or secrets.token_urlsafe(16),
        "prompt": task.prompt,
        "content_warning": task.content_warning,
        "sides": [("left", "Left", first.html), ("right", "Right", second.html)],
        "rubric": task.rubric,
        "scales": scales.show(_criteria(assignment), draft.sent, was_sent=bool(draft.error and draft.sent)),
        "draft": draft,
        "flags": [(value, label, value in draft.sent.getlist("flags")) for value, label in FLAGS],
        "skip_reasons": SkipForm.base_fields["reason"].choices,  # type: ignore[attr-defined]
        "said": said,
    }
    return _render(request, context, status=status)


def _criteria(assignment: Assignment) -> list[Any]:
    return list(assignment.task.rubric.criteria.order_by("position"))


def _around(annotator: Annotator, campaign: Campaign) -> dict[str, Any]:
    """Return what stands around a task: whose campaign, how far today, when last saved."""
    progress = assignments.progress(annotator, campaign)
    mine = Judgment.objects.filter(annotator=annotator, campaign=campaign, submitted_at__isnull=False)
    saved_at = mine.order_by("-id").values_list("submitted_at", flat=True).first()
    return {"campaign": campaign, "progress": progress, "number": progress.today + 1, "saved_at": saved_at}


def _render(request: SignedInRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    template = f"{PAGE}#task" if request.htmx else PAGE
    return render(request, template, context, status=status)


def _gone(request: SignedInRequest, campaign: Campaign, message: str) -> HttpResponse:
    ways = [
        errors.Way(reverse("evaluate", args=[campaign.slug]), "Next task"),
        errors.Way(reverse("evaluate-list"), "Your tasks"),
    ]
    title = "This answer was not stored"
    return errors.page(request, status=409, title=title, message=message, code="assignment closed", ways=ways)


def _closed(request: SignedInRequest, campaign: Campaign, error: CampaignNotOpen) -> HttpResponse:
    ways = [errors.Way(reverse("evaluate-list"), "Your tasks")]
    title = f"{campaign.name} takes no answers now"
    return errors.page(
        request, status=409, title=title, message=str(error), code=f"campaign {campaign.state}", ways=ways
    )
