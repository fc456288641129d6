"""Take an answer back while it is fresh: a retraction supersedes it, and the same task is open again."""

from datetime import datetime, timedelta

from django.db import transaction

from annotation.models import Annotator, Assignment, Campaign, Judgment
from annotation.policies import check_is_open
from annotation.services import assignments, audit, judgments

WINDOW = timedelta(seconds=30)


class UndoTooLate(Exception):
    """The answer stands: the time to take it back has passed, or it is no answer of this person."""


def seconds_left(seat: assignments.Seat) -> int:
    """Return how long the last answer can still be taken back, by the database's clock."""
    if seat.saved_at is None:
        return 0
    return max(0, int((seat.saved_at + WINDOW - seat.now).total_seconds()))


@transaction.atomic
def undo(*, by: Annotator, assignment_id: str, campaign: Campaign | None = None) -> None:
    """Retract all answers of one assignment and lease it to the same person again; both rows stay in the record."""
    assignment, now = judgments.lock(by, assignment_id, campaign)
    _check_is_fresh(assignment, now)
    check_is_open(assignment.campaign)
    judgments.check_is_active(assignment)
    answers = Judgment.objects.filter(assignment=assignment).effective().select_related("criterion").order_by("id")
    retractions = [_retraction(answer, assignment, now) for answer in answers]
    Judgment.objects.bulk_create(retractions)
    audit.record_all("judgment.withdraw", retractions, by=by, campaign=assignment.campaign)
    assignment.state, assignment.submitted_at = Assignment.State.LEASED, None
    # The start of the lease stays: the task comes before the one that was shown after it.
    assignment.expires_at = now + timedelta(minutes=assignment.campaign.lease_minutes)
    audit.save(assignment, "assignment.resume", by=by, campaign=assignment.campaign)
    if assignment.round == 0:
        assignment.task.is_open = True
        assignment.task.save(update_fields=["is_open"])


def _check_is_fresh(assignment: Assignment, now: datetime) -> None:
    if assignment.state != Assignment.State.SUBMITTED or assignment.submitted_at is None:
        raise UndoTooLate("There is no answer of yours to take back here.")
    if now - assignment.submitted_at > WINDOW:
        seconds = int(WINDOW.total_seconds())
        raise UndoTooLate(f"An answer can be taken back for {seconds} seconds. This one stands.")


def _retraction(answer: Judgment, assignment: Assignment, now: datetime) -> Judgment:
    made = Judgment(
        campaign=assignment.campaign,
        task=assignment.task,
        annotator=assignment.annotator,
        criterion=answer.criterion,
        assignment=assignment,
        round=answer.round,
        revision=answer.revision + 1,
        supersedes=answer,
        is_retraction=True,
        shown_order=answer.shown_order,
        submitted_at=now,
        idempotency_key=f"undo-{answer.public_id}",
        payload_sha256=answer.payload_sha256,
        provenance=answer.provenance,
    )
    audit.seal(made)
    return made
