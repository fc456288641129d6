import pytest
from django.db import DatabaseError, connection, transaction

from annotation.models import Assignment, AuditEvent, Judgment
from annotation.services import assignments, judgments
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_submitted_side_is_stored_as_the_canonical_response():
    campaign = factories.campaign()
    alice = factories.evaluator(campaign)
    for _ in range(12):
        factories.task(campaign)
    for _ in range(12):
        stored = factories.judgment(alice, campaign, side="left")
        assert stored.outcome == ("a" if stored.shown_order == "ab" else "b")
    assert set(Judgment.objects.values_list("shown_order", flat=True)) == {"ab", "ba"}


def test_a_replay_returns_the_stored_answer_and_stores_nothing():
    campaign = factories.campaign()
    alice = factories.evaluator(campaign)
    factories.task(campaign)
    assignment = assignments.next_for(annotator=alice, campaign=campaign)
    first = _submit(alice, assignment, "left", "k1")
    again = _submit(alice, assignment, "left", "k1")
    assert again.replayed
    assert [row.pk for row in again.judgments] == [row.pk for row in first.judgments]
    with pytest.raises(judgments.KeyReused):
        _submit(alice, assignment, "right", "k1")
    with pytest.raises(judgments.AssignmentClosed):
        _submit(alice, assignment, "right", "k2")
    assert Judgment.objects.count() == 1


def test_each_judgment_leaves_its_event_and_none_without():
    campaign = factories.campaign()
    alice = factories.evaluator(campaign)
    factories.task(campaign)
    before = AuditEvent.objects.count()
    stored = factories.judgment(alice, campaign)
    events = [bytes(event.body).decode() for event in AuditEvent.objects.order_by("id")[before:]]
    assert sum('"judgment.create"' in event and str(stored.public_id) in event for event in events) == 1


def test_nothing_is_stored_when_the_audit_fails(monkeypatch):
    campaign = factories.campaign()
    alice = factories.evaluator(campaign)
    factories.task(campaign)
    assignment = assignments.next_for(annotator=alice, campaign=campaign)

    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("annotation.services.audit._insert", fail)
    with pytest.raises(RuntimeError, match="full"):
        _submit(alice, assignment, "left", "k1")
    assert Judgment.objects.count() == 0
    assert Assignment.objects.get().state == "leased"


def test_the_database_refuses_to_change_or_delete_a_judgment():
    campaign = factories.campaign()
    factories.task(campaign)
    factories.judgment(factories.evaluator(campaign), campaign)
    for statement in ("update annotation_judgment set outcome = 'b'", "delete from annotation_judgment"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_task_without_all_criteria_answered_is_refused():
    campaign = factories.campaign()
    alice = factories.evaluator(campaign)
    factories.task(campaign)
    assignment = assignments.next_for(annotator=alice, campaign=campaign)
    with pytest.raises(judgments.AnswerRefused, match="no answer yet"):
        judgments.submit(by=alice, assignment_id=assignment.public_id, answers={}, idempotency_key="k")
    with pytest.raises(judgments.AnswerRefused, match="not one of them"):
        _submit(alice, assignment, "middle", "k")
    assert Judgment.objects.count() == 0


def _submit(by, assignment, side, key):
    return judgments.submit(
        by=by, assignment_id=assignment.public_id, answers={"overall": judgments.Answer(side)}, idempotency_key=key
    )
