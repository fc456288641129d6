"""The test that applicants take: one task with a known answer after the other, then where they stand and why."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotation import tasktypes
from annotation.models import Enrollment, Gold, Qualification, QualificationAnswer
from annotation.services import rubrics, vetting
from annotation.tasktypes.answers import AnswerRefused
from annotation.vetting_forms import TestAnswerForm
from annotation.views import scales
from annotation.views.access import SignedInRequest, signed_in

WORDS = {"tie": "Tie", "both_bad": "Both bad"}


@require_http_methods(["GET", "POST"])
@signed_in
def take(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin or go on with the test; each answer is final, because its task may not be seen twice."""
    enrollment = enrollment_of(request, slug)
    attempt = vetting.tests_of(enrollment).filter(state=Qualification.State.OPEN).first()
    if request.method == "POST" and request.POST.get("begin"):
        try:
            vetting.start(enrollment=enrollment)
        except vetting.NoAttempt:
            return redirect("qualification-result", slug=slug)
        return redirect("qualification", slug=slug)
    if attempt is None:
        return redirect("qualification-result", slug=slug)
    if request.method == "POST":
        return _answer(request, enrollment, attempt)
    return _task(request, attempt)


def enrollment_of(request: SignedInRequest, slug: str) -> Enrollment:
    mine = Enrollment.objects.filter(annotator__user=request.user, campaign__slug=slug)
    found = mine.select_related("campaign", "annotator").first()
    if found is None:
        raise Http404("No such campaign.")
    return found


def _answer(request: SignedInRequest, enrollment: Enrollment, attempt: Qualification) -> HttpResponse:
    form = TestAnswerForm(request.POST)
    due = vetting.current(attempt)
    if due is None or not form.is_valid() or (form.cleaned_data["attempt"], form.cleaned_data["place"]) != (
        attempt.number, due.place,
    ):  # fmt: skip
        return redirect("qualification", slug=enrollment.campaign.slug)
    criterion = rubrics.criteria(due.task.rubric_id)[0]
    try:
        given = tasktypes.scale_of(criterion).read(criterion, request.POST)
        if given is None:
            raise AnswerRefused(f"{criterion.name} has no answer yet. Choose one of the answers and submit again.")
        vetting.answer(attempt=attempt, by=enrollment.annotator, place=due.place, given=given)
    except AnswerRefused as error:
        return _task(request, attempt, error=str(error))
    return redirect("qualification", slug=enrollment.campaign.slug)


def _task(request: SignedInRequest, attempt: Qualification, error: str = "") -> HttpResponse:
    due = vetting.current(attempt)
    assert due is not None, "an attempt ends with its last answer"
    shown = scales.show(rubrics.criteria(due.task.rubric_id)[:1], request.POST, was_sent=bool(error))
    context = task_context(attempt, due) | {"scales": shown, "error": error}
    return render(request, "annotation/qualification.html", context, status=422 if error else 200)


def task_context(attempt: Qualification, shown: QualificationAnswer) -> dict[str, Any]:
    """Return what the page of one task with a known answer shows, without that answer."""
    return {
        "campaign": attempt.enrollment.campaign,
        "attempt": attempt,
        "place": shown.place,
        "prompt": shown.task.prompt,
        "sides": [(place, name, html) for (place, name), html in zip(PLACES, _texts(shown), strict=True)],
        "content_warning": shown.task.content_warning,
        "rubric": shown.task.rubric,
        "is_pair": True,
    }


PLACES = (("left", "Left"), ("right", "Right"))


def _texts(due: QualificationAnswer) -> list[str]:
    found = [response.html for response in (due.task.response_a, due.task.response_b) if response]
    return found[::-1] if due.shown_order == "ba" else found


@require_GET
@signed_in
def result(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say where an applicant stands: the line, the tasks that differed with their reasons, and what comes next."""
    enrollment = enrollment_of(request, slug)
    attempt = vetting.tests_of(enrollment).order_by("-number").first()
    if attempt and attempt.state == Qualification.State.OPEN:
        return redirect("qualification", slug=slug)
    context: dict[str, Any] = {
        "campaign": enrollment.campaign,
        "standing": enrollment,
        "attempt": attempt,
        "why_not": vetting.why_not(enrollment),
        "may_train": vetting.may_train(enrollment),
    }
    if attempt:
        context |= {"right": vetting.right(attempt), "missed": _missed(attempt)}
    return render(request, "annotation/qualification_result.html", context)


def _missed(attempt: Qualification) -> list[dict[str, Any]]:
    """Return the tasks that were answered otherwise, as this person saw them; their answers are known to them now."""
    answers = list(attempt.answers.select_related("task__prompt").order_by("place"))
    reasons = dict(Gold.objects.filter(task__in=[one.task_id for one in answers]).values_list("task", "justification"))
    return [
        {
            "place": one.place,
            "asked": (one.task.prompt.messages or [{"content": ""}])[-1]["content"][:140],
            "given": said(one, one.outcome),
            "known": said(one, one.known_outcome),
            "why": reasons.get(one.task_id, ""),
        }
        for one in answers
        if not one.is_right
    ]


def said(one: QualificationAnswer, outcome: str) -> str:
    if outcome in WORDS:
        return WORDS[outcome]
    return "Left better" if (outcome == "a") == (one.shown_order == "ab") else "Right better"
