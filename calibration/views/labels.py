"""The pages of a campaign whose responses are labeled; the addresses are those of every campaign."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from annotation.models import Annotator
from annotation.views.access import SignedInRequest
from calibration.models import Agreement, Run
from calibration.views.basis import Basis
from calibration.views.figures import AGREEMENT, SHARE, around_zero
from calibration.views.tables import agreement, annotator_detail, label_tasks, labels, readings
from calibration.views.tables.labels import Question

FEW_ANNOTATORS = 9
GAPS = (0.1, 0.25, 0.5, 1.0)


def overview(request: SignedInRequest, stands: Basis) -> HttpResponse:
    """Open with how often what was asked for occurs."""
    now, newer = readings.progress(stands.campaign), readings.newer(stands.run, stands.campaign)
    run, question = stands.run, _question(request, stands.run)
    rows = _agreement(run, question) if run and question else []
    part = question.part if question else ""
    shown = readings.readings(now, stands.campaign, run, rows, newer, part=part)
    context = _context(stands, "overview", question, now=now, readings=shown, agreement_scale=AGREEMENT)
    if run and question:
        accuracies = labels.accuracies(run, question)
        context |= _shares(run, question) | {
            "agreements": agreement.overall(rows, part=part),
            "accuracies": accuracies[:FEW_ANNOTATORS],
            "n_annotators": len(accuracies),
            "totals": label_tasks.totals(run, question),
        }
    return render(request, "calibration/labels/overview.html", context)


def systems(request: SignedInRequest, stands: Basis) -> HttpResponse:
    """Show each system's share of each class, and how systems differ."""
    question = _question(request, stands.run)
    context = _context(stands, "systems", question)
    if stands.run and question:
        gaps = labels.differences(stands.run, question)
        context |= _shares(stands.run, question) | {
            "differences": gaps,
            "gap_scale": around_zero((row.gap for row in gaps), GAPS),
        }
    return render(request, "calibration/labels/systems.html", context)


def annotators(request: SignedInRequest, stands: Basis) -> HttpResponse:
    """List annotators with their accuracy, those whose answers say nothing first."""
    question = _question(request, stands.run)
    context = _context(stands, "annotators", question)
    if stands.run and question:
        context |= {"accuracies": labels.accuracies(stands.run, question)}
    return render(request, "calibration/labels/annotators.html", context)


def annotator(request: SignedInRequest, stands: Basis, who: Annotator) -> HttpResponse:
    """Show what one annotator says when each class is true."""
    question = _question(request, stands.run)
    facts = annotator_detail.facts(who, stands.campaign)
    kind = "Evaluator" if who.is_human else who.get_kind_display()
    context = _context(stands, "annotators", question, annotator=who, facts=facts, kind_label=kind)
    if stands.run and question:
        context |= {
            "row": labels.accuracy_of(stands.run, question, who),
            "confusion": labels.confusion(stands.run, question, who),
            "columns": [question.name(label) for label in question.classes],
        }
    return render(request, "calibration/labels/annotator.html", context)


def agreements(request: SignedInRequest, stands: Basis) -> HttpResponse:
    """Show every agreement record of the chosen question."""
    question = _question(request, stands.run)
    rows = _agreement(stands.run, question) if stands.run and question else []
    context = _context(stands, "agreement", question, rows=rows, agreement_scale=AGREEMENT)
    return render(request, "calibration/labels/agreement.html", context)


def tasks(request: SignedInRequest, stands: Basis) -> HttpResponse:
    """List tasks with the chance of each class, the least sure first."""
    question = _question(request, stands.run)
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    if after and not label_tasks.KEY.fullmatch(after):
        raise Http404("There is no such page of tasks.")
    context = _context(stands, "tasks", question, states=label_tasks.STATES, after=after, sure_line=label_tasks.SURE)
    if stands.run and question:
        state = state if state in label_tasks.STATES else ""
        rows, following = label_tasks.page(stands.run, question, state=state, after=after)
        totals = label_tasks.totals(stands.run, question)
        context |= {"rows": rows, "following": following, "state": state, "totals": totals}
    return render(request, "calibration/labels/tasks.html", context)


def _question(request: SignedInRequest, run: Run | None) -> Question | None:
    asked, key = labels.questions(run), request.GET.get("question", "")
    if not key:
        return asked[0] if asked else None
    if not (found := next((question for question in asked if question.key == key), None)):
        raise Http404("This run asked no such question.")
    return found


def _context(stands: Basis, tab: str, question: Question | None, **more: object) -> dict[str, object]:
    shared = {"question": question, "questions": labels.questions(stands.run), "share_scale": SHARE}
    return stands.context(tab, **shared | more)


def _shares(run: Run, question: Question) -> dict[str, object]:
    rows = labels.shares(run, question)
    return {
        "shares": [row for row in rows if not row.pool],
        "pools": [row for row in rows if row.pool],
        "several": len(question.shown) > 1,
    }


def _agreement(run: Run, question: Question) -> list[agreement.AgreementRow]:
    found = Agreement.objects.filter(run=run, criterion__key=question.criterion, slice=question.part)
    first = found.select_related("criterion").first()
    return agreement.rows(run, first.criterion, part=question.part) if first else []
