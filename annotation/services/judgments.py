"""The one door of judgments: browser, REST and judges submit here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Now

from annotation.models import Annotator, Assignment, Criterion, Enrollment, Judgment
from annotation.policies import check_is_open
from annotation.services import audit

Outcome = Judgment.Outcome
FLIPPED = {Outcome.A: Outcome.B, Outcome.B: Outcome.A}
SIDES = ("left", "right", "tie", "both_bad")
MAX_IDEMPOTENCY_KEY = 100


class AssignmentClosed(Exception):
    """The lease ran out and its place was taken, or the task was answered, skipped or revoked."""


class AnswerRefused(ValueError):
    """The answer is not one that the rubric offers."""


class KeyReused(ValueError):
    """The idempotency key came before with another answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One criterion's answer as the annotator saw it: left, right, tie or both_bad, or a judge's non-verdict."""

    side: str
    strength: int | None = None
    rationale: str = ""


class Submission(NamedTuple):
    judgments: tuple[Judgment, ...]
    replayed: bool


@transaction.atomic
def submit(
    *,
    by: Annotator,
    assignment_id: str,
    answers: Mapping[str, Answer],
    idempotency_key: str,
    active_ms: int | None = None,
    comment: str = "",
    flags: Sequence[str] = (),
    provenance: Judgment.Provenance = Judgment.Provenance.LIVE,
) -> Submission:
    """Store the answers of one assignment, exactly once: all criteria of a person, one criterion a call of a judge.

    Locks the task, then looks the key up, then decides by counting rows; a replay returns the stored rows.
    """
    if not 1 <= len(idempotency_key) <= MAX_IDEMPOTENCY_KEY:
        raise AnswerRefused(f"An idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} characters.")
    assignment, now = _lock(by, assignment_id)
    digest = _payload_digest(assignment_id, answers, comment)
    stored = tuple(Judgment.objects.filter(annotator=by, idempotency_key=idempotency_key).order_by("id"))
    if stored:
        if any(judgment.payload_sha256 != digest for judgment in stored):
            raise KeyReused("This key was used for another answer. Send a new key with a new answer.")
        return Submission(stored, replayed=True)
    criteria = _check_answers(assignment, answers)
    _check_takes_answer(assignment)
    rows = [_row(assignment, criterion, answers[criterion.key], now) for criterion in criteria]
    for row in rows:
        row.idempotency_key, row.payload_sha256 = idempotency_key, digest
        row.active_ms, row.comment, row.flags, row.provenance = active_ms, comment, list(flags), provenance
        audit.save(row, "judgment.create", by=by, campaign=assignment.campaign)
    _close(assignment, now)
    return Submission(tuple(rows), replayed=False)


def _lock(by: Annotator, assignment_id: str) -> tuple[Assignment, datetime]:
    """Lock task and assignment in one statement; the moment is the database's."""
    found = (
        Assignment.objects.select_for_update(of=("self", "task"), no_key=True)
        .select_related("task__rubric", "campaign", "annotator")
        .annotate(now=Now())
        .filter(public_id=assignment_id, annotator=by)
        .first()
    )
    if found is None:
        raise AssignmentClosed("This task is not yours. Go back to your tasks.")
    return found, found.now


def _check_takes_answer(assignment: Assignment) -> None:
    if not assignment.annotator.is_human:
        return
    if assignment.state not in {Assignment.State.LEASED, Assignment.State.EXPIRED}:
        raise AssignmentClosed(f"This task is already {assignment.state}. Take the next one.")
    check_is_open(assignment.campaign)
    enrollment = Enrollment.objects.filter(annotator=assignment.annotator, campaign=assignment.campaign).first()
    if enrollment is None or enrollment.state != Enrollment.State.QUALIFIED:
        raise AssignmentClosed("You are not an active evaluator of this campaign any more. Your answer was not stored.")
    if assignment.round == 0 and _others(assignment) >= assignment.campaign.overlap:
        raise AssignmentClosed("This task was open too long and went to somebody else. Take the next one.")


def _others(assignment: Assignment) -> int:
    """Count people whose answer or running lease fills the task, this person left out."""
    answered = (
        Judgment.objects.filter(task=assignment.task, annotator__kind=Annotator.Kind.HUMAN, round=0)
        .effective()
        .exclude(annotator=assignment.annotator)
        .values("annotator")
    )
    leased = (
        Assignment.objects.held()
        .filter(task=assignment.task, annotator__kind=Annotator.Kind.HUMAN, round=0)
        .exclude(annotator=assignment.annotator)
        .values("annotator")
    )
    return answered.union(leased).count()


def _check_answers(assignment: Assignment, answers: Mapping[str, Answer]) -> list[Criterion]:
    criteria = list(assignment.task.rubric.criteria.order_by("position"))
    if unknown := answers.keys() - {criterion.key for criterion in criteria}:
        raise AnswerRefused(f"This task has no criterion {sorted(unknown)[0][:60]!r}.")
    missing = [criterion.name for criterion in criteria if criterion.key not in answers]
    if not answers or (missing and assignment.annotator.is_human):
        raise AnswerRefused(f"{missing[0]} has no answer yet. Choose one of the answers and submit again.")
    answered = [criterion for criterion in criteria if criterion.key in answers]
    for criterion in answered:
        _check_on_menu(criterion, answers[criterion.key], is_human=assignment.annotator.is_human)
    return answered


def _check_on_menu(criterion: Criterion, answer: Answer, *, is_human: bool) -> None:
    if not is_human and answer.side in NON_VERDICTS:
        return
    offered = {"left", "right", *(["tie"] * criterion.allow_tie), *(["both_bad"] * criterion.allow_both_bad)}
    if answer.side not in offered:
        menu = ", ".join(sorted(offered))
        raise AnswerRefused(f"{criterion.name} takes {menu}; {answer.side[:40]!r} is not one of them.")
    top = criterion.levels // 2
    allowed = range(1, top + 1) if answer.side in {"left", "right"} else range(1)
    if answer.strength is None:
        if criterion.levels > 3 and answer.side in {"left", "right"}:
            raise AnswerRefused(f"{criterion.name} asks how much better. Send a strength from 1 to {top}.")
    elif answer.strength not in allowed:
        raise AnswerRefused(f"{criterion.name} takes a strength from 1 to {top} with left or right, and 0 with a tie.")


NON_VERDICTS = {
    "abstain": Outcome.ABSTAIN,
    "refused": Outcome.REFUSED,
    "filtered": Outcome.FILTERED,
    "invalid": Outcome.INVALID,
    "error": Outcome.ERROR,
}


def canonical(answer: Answer, shown_order: str) -> tuple[Outcome, int | None]:
    """Undo the shown order: an answer about sides becomes an outcome about responses a and b."""
    if answer.side in NON_VERDICTS:
        return NON_VERDICTS[answer.side], None
    if answer.side in {"tie", "both_bad"}:
        return Outcome(answer.side), answer.strength
    a_side = "left" if shown_order == "ab" else "right"
    outcome = Outcome.A if answer.side == a_side else Outcome.B
    sign = 1 if outcome == Outcome.A else -1
    return outcome, None if answer.strength is None else sign * answer.strength


def _row(assignment: Assignment, criterion: Criterion, answer: Answer, now: datetime) -> Judgment:
    outcome, strength = canonical(answer, assignment.shown_order)
    chain = Judgment.objects.filter(
        task=assignment.task, annotator=assignment.annotator, round=assignment.round, criterion=criterion
    )
    last = chain.order_by("-revision").first()
    if last and not last.is_retraction:
        raise AssignmentClosed(f"{criterion.name} is answered already. Take the next task.")
    return Judgment(
        campaign=assignment.campaign,
        task=assignment.task,
        annotator=assignment.annotator,
        criterion=criterion,
        assignment=assignment,
        round=assignment.round,
        revision=last.revision + 1 if last else 0,
        supersedes=last,
        outcome=outcome,
        strength=strength,
        shown_order=assignment.shown_order,
        rationale=answer.rationale,
        started_at=assignment.leased_at,
        submitted_at=now,
    )


def _close(assignment: Assignment, now: datetime) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(state=Assignment.State.SUBMITTED, submitted_at=now)
    if assignment.annotator.is_human and assignment.round == 0:
        with connection.cursor() as cursor:
            cursor.execute(CLOSE_WHEN_FULL, {"task": assignment.task_id, "overlap": assignment.campaign.overlap})


# A hint for picking only: tasks whose overlap is answered leave the index of open ones.
CLOSE_WHEN_FULL = """
update annotation_task t set is_open = false
 where t.id = %(task)s and (
   select count(distinct j.annotator_id) from annotation_judgment j join annotation_annotator p on p.id = j.annotator_id
    where j.task_id = t.id and p.kind = 'human' and j.round = 0 and not j.is_retraction
      and not exists (select 1 from annotation_judgment later where later.supersedes_id = j.id)) >= %(overlap)s
"""


def _payload_digest(assignment_id: str, answers: Mapping[str, Answer], comment: str) -> str:
    content = [assignment_id, comment, {key: [a.side, a.strength, a.rationale] for key, a in answers.items()}]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
