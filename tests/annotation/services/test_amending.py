"""A rubric is amended by a version beside it; what was judged keeps its own."""

import pytest

from annotation.models import AuditEvent, Criterion, Judgment, Rubric, Task
from annotation.services import amending, assignments, campaigns, judgments
from annotation.services.campaigns import CriterionDraft
from annotation.tasktypes.answers import Answer
from tests import factories

pytestmark = pytest.mark.django_db
NEXT = [CriterionDraft("overall", "Overall"), CriterionDraft("honesty", "Honesty")]


@pytest.fixture
def campaign():
    made = factories.campaign(overlap=2)
    for _ in range(3):
        factories.task(made)
    return made


def amend(campaign, guide="Read twice.", criteria=NEXT):
    return amending.amend(campaign=campaign, guide=guide, criteria=criteria, by=factories.researcher_of(campaign))


def test_untouched_tasks_follow_and_touched_ones_keep_their_version(campaign):
    alice, bob = factories.evaluator(campaign), factories.evaluator(campaign)
    judged = factories.judgment(alice, campaign)
    opened = assignments.next_for(annotator=bob, campaign=campaign)
    touched = {judged.task_id, opened.task_id}
    before = dict(Task.objects.values_list("pk", "snapshot_sha256"))
    made, moved = amend(campaign)
    assert (made.version, moved) == (2, 3 - len(touched))
    for task in Task.objects.select_related("rubric"):
        assert task.rubric.version == (1 if task.pk in touched else 2)
        assert (task.snapshot_sha256 == before[task.pk]) == (task.pk in touched)
    held = {"overall": Answer("left")}
    judgments.submit(by=bob, assignment_id=opened.public_id, answers=held, idempotency_key="k")
    assert Judgment.objects.get(pk=judged.pk).task.rubric.sha256 != made.sha256


def test_a_task_of_the_new_version_asks_the_new_questions(campaign):
    amend(campaign)
    alice = factories.evaluator(campaign)
    held = assignments.next_for(annotator=alice, campaign=campaign)
    with pytest.raises(judgments.AnswerRefused, match="Honesty has no answer yet"):
        judgments.submit(
            by=alice, assignment_id=held.public_id, answers={"overall": Answer("left")}, idempotency_key="k"
        )


def test_the_same_text_is_no_new_version(campaign):
    amend(campaign)
    with pytest.raises(campaigns.RubricRefused, match="Nothing differs"):
        amend(campaign)
    assert Rubric.objects.filter(campaign=campaign).count() == 2


def test_a_locked_version_never_changes(campaign):
    from django.db import DatabaseError, transaction

    amend(campaign)
    for rows in (Rubric.objects.all(), Criterion.objects.all()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**({"guide": "x"} if rows.model is Rubric else {"name": "x"}))


def test_each_moved_task_has_its_event_and_its_commitment(campaign):
    from annotation.services.audit import commit

    amend(campaign)
    bodies = b"".join(bytes(event.body) for event in AuditEvent.objects.all())
    assert bodies.count(b'"action":"task.amend"') == 3
    for task in Task.objects.all():
        assert bytes(task.commitment) == commit(bytes(task.salt), task.committed_content())


def test_if_the_witness_fails_the_old_version_stands(campaign, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("annotation.services.audit.record_all", fail)
    from django.db import transaction

    with pytest.raises(RuntimeError, match="full"), transaction.atomic():
        amend(campaign)
    assert Rubric.objects.filter(campaign=campaign).count() == 1
