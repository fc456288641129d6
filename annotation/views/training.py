"""The training before the test: tasks with a known answer, each explained as soon as it is answered."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotation import tasktypes
from annotation.models import Gold, Qualification, QualificationAnswer
from annotation.services import rubrics, vetting
from annotation.tasktypes.answers import AnswerRefused
from annotation.vetting_forms import TestAnswerForm
from annotation.views import qualification, scales
from annotation.views.access import SignedInRequest, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def train(request: SignedInRequest, slug: str) -> HttpResponse:
    enrollment = qualification.enrollment_of(request, slug)
    try:
        training = vetting.train(enrollment=enrollment)
    except vetting.NoAttempt:
        return redirect("qualification-result", slug=slug)
    if request.method == "POST":
        return _answer(request, training)
    explained = _asked_for(request, training)
    due = vetting.current(training)
    if explained is None and due is None:
        return redirect("qualification-result", slug=slug)
    return _page(request, training, explained or due, is_explained=explained is not None)


def _asked_for(request: SignedInRequest, training: Qualification) -> QualificationAnswer | None:
    """Return the answered task whose explanation the address asks for."""
    place = request.GET.get("explained", "")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        return None
    return vetting.answered(training).filter(place=int(place)).first()


def _answer(request: SignedInRequest, training: Qualification) -> HttpResponse:
    form, due, slug = TestAnswerForm(request.POST), vetting.current(training), training.enrollment.campaign.slug
    if due is None or not form.is_valid() or form.cleaned_data["place"] != due.place:
        return redirect("training", slug=slug)
    criterion = rubrics.criteria(due.task.rubric_id)[0]
    try:
        given = tasktypes.scale_of(criterion).read(criterion, request.POST)
        if given is None:
            raise AnswerRefused(f"{criterion.name} has no answer yet. Choose one of the answers and submit again.")
        vetting.answer(attempt=training, by=training.enrollment.annotator, place=due.place, given=given)
    except AnswerRefused as error:
        return _page(request, training, due, error=str(error))
    return redirect(f"{reverse('training', args=[slug])}?explained={due.place}")


def _page(
    request: SignedInRequest,
    training: Qualification,
    shown: QualificationAnswer | None,
    *,
    is_explained: bool = False,
    error: str = "",
) -> HttpResponse:
    assert shown is not None, "the caller has looked"
    context: dict[str, Any] = qualification.task_context(training, shown) | {"error": error, "is_training": True}
    if is_explained:
        known = Gold.objects.filter(task=shown.task_id).first()
        context |= {
            "explained": shown,
            "given": qualification.said(shown, shown.outcome),
            "known": qualification.said(shown, shown.known_outcome),
            "why": known.justification if known else "",
        }
    else:
        criteria = rubrics.criteria(shown.task.rubric_id)[:1]
        context["scales"] = scales.show(criteria, request.POST, was_sent=bool(error))
    return render(request, "annotation/qualification.html", context, status=422 if error else 200)
