"""Pass a bound answer, or the fact that there is none, through the one door of judgments."""

from typing import Any

from django.db.models.functions import Now

from annotation.judges import orders, parsing
from annotation.models import Assignment, JudgeRequest, Judgment
from annotation.services import audit, judgments
from annotation.services.judging.leasing import LEASE
from annotation.tasktypes.answers import Answer

ASSIGNMENT_LEASE = 8_640 * LEASE


def canonical(verdict: parsing.Verdict, shown_order: str) -> dict[str, Any]:
    """Return the verdict in canonical terms, as the request keeps it."""
    values: dict[str, Any] = {"state": verdict.state, "parser_version": verdict.parser_version, "code": verdict.code}
    if verdict.score is not None or verdict.labels is not None:
        return values | {"score": verdict.score, "labels": verdict.labels}
    outcome, strength = orders.to_canonical(verdict, "ba" if shown_order == "ba" else "ab")
    values |= {"outcome": outcome, "strength": strength}
    if verdict.menu_mass is not None:
        p_first = verdict.p_first
        p_a = p_first if p_first is None or shown_order == "ab" else 1 - p_first
        values |= {"p_a": p_a, "menu_mass": verdict.menu_mass}
    return values


def submit(request: JudgeRequest, verdict: parsing.Verdict) -> None:
    """Store the judgment under the request's key, so that a second delivery finds the first."""
    judgments.submit(
        by=request.config.annotator,
        assignment_id=_assignment(request).public_id,
        answers={request.criterion_key: _answer(verdict)},
        idempotency_key=request.idempotency_key,
        provenance=Judgment.Provenance(request.config.settings["provenance"]),
    )


def _answer(verdict: parsing.Verdict) -> Answer:
    rationale = verdict.reason[:20_000]
    if verdict.state != "judged":
        return Answer(verdict.state, rationale=rationale)
    if verdict.outcome is None:
        return Answer(rating=verdict.score, labels=verdict.labels, rationale=rationale)
    side = {"first": "left", "second": "right"}.get(verdict.outcome, verdict.outcome)
    strength = None if verdict.strength is None else abs(verdict.strength)
    return Answer(side, strength=strength, rationale=rationale)


def _assignment(request: JudgeRequest) -> Assignment:
    annotator = request.config.annotator
    found = Assignment.objects.filter(task=request.task, annotator=annotator, round=request.round).first()
    if found:
        return found
    assignment = Assignment(campaign=request.campaign, task=request.task, annotator=annotator, round=request.round)
    assignment.shown_order = request.shown_order
    assignment.leased_at, assignment.expires_at = Now(), Now() + ASSIGNMENT_LEASE
    audit.save(assignment, "assignment.create", by=annotator, campaign=request.campaign)
    return assignment
