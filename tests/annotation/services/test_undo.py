"""An answer can be taken back for half a minute; what was answered and that it was taken back both stay."""

import pytest
from django.db import connection

from annotation.models import Assignment, AuditEvent, Judgment, Task
from annotation.policies import CampaignNotOpen
from annotation.services import assignments, campaigns, evaluators, judgments, undo
from calibration import frames
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    made = factories.campaign(overlap=1)
    factories.task(made)
    return made


def answer(annotator, campaign, side="left", key="k1"):
    held = assignments.next_for(annotator=annotator, campaign=campaign)
    answers = {"overall": judgments.Answer(side)}
    judgments.submit(by=annotator, assignment_id=held.public_id, answers=answers, idempotency_key=key)
    return held


def test_answer_undo_answer_is_one_effective_judgment_in_a_chain_of_three(campaign, alice):
    first = answer(alice, campaign, "left", "k1")
    undo.undo(by=alice, assignment_id=first.public_id)
    assert not Judgment.objects.effective().exists()
    again = answer(alice, campaign, "right", "k2")
    assert again.public_id == first.public_id
    chain = list(Judgment.objects.order_by("revision").values_list("revision", "is_retraction"))
    assert chain == [(0, False), (1, True), (2, False)]
    effective = Judgment.objects.effective().get()
    assert effective.outcome == ("b" if effective.shown_order == "ab" else "a")
    assert list(frames.judgments(campaign, up_to=10**9)["judgment_id"]) == [str(effective.public_id)]


def test_undo_frees_the_place_for_its_own_person_only(campaign, alice):
    bob = factories.evaluator(campaign)
    held = answer(alice, campaign)
    assert not Task.objects.get().is_open
    undo.undo(by=alice, assignment_id=held.public_id)
    assert Task.objects.get().is_open
    assert assignments.next_for(annotator=bob, campaign=campaign) is None
    assignments.give_back(annotator=alice, campaign=campaign)
    assert assignments.next_for(annotator=bob, campaign=campaign) is not None


def test_the_undone_task_comes_before_the_one_shown_after_it(campaign, alice):
    factories.task(campaign)
    first = answer(alice, campaign)
    second = assignments.next_for(annotator=alice, campaign=campaign)
    undo.undo(by=alice, assignment_id=first.public_id)
    assert assignments.next_for(annotator=alice, campaign=campaign).public_id == first.public_id
    answer(alice, campaign, "tie", "k2")
    assert assignments.next_for(annotator=alice, campaign=campaign).public_id == second.public_id


def test_after_half_a_minute_the_answer_stands(campaign, alice):
    held = answer(alice, campaign)
    with connection.cursor() as cursor:
        cursor.execute("update annotation_assignment set submitted_at = now() - interval '31 seconds'")
    with pytest.raises(undo.UndoTooLate, match="30 seconds"):
        undo.undo(by=alice, assignment_id=held.public_id)
    assert Judgment.objects.effective().count() == 1


def test_undo_twice_or_of_somebody_elses_answer_changes_nothing(campaign, alice):
    bob = factories.evaluator(campaign)
    held = answer(alice, campaign)
    with pytest.raises(assignments.NotYours):
        undo.undo(by=bob, assignment_id=held.public_id)
    undo.undo(by=alice, assignment_id=held.public_id)
    with pytest.raises(undo.UndoTooLate):
        undo.undo(by=alice, assignment_id=held.public_id)
    assert Judgment.objects.count() == 2


def test_the_old_key_does_not_bring_the_answer_back(campaign, alice):
    """A late repeat of the request that was undone must not look like a new answer."""
    held = answer(alice, campaign, key="k1")
    undo.undo(by=alice, assignment_id=held.public_id)
    answers = {"overall": judgments.Answer("left")}
    replay = judgments.submit(by=alice, assignment_id=held.public_id, answers=answers, idempotency_key="k1")
    assert replay.replayed
    assert not Judgment.objects.effective().exists()


def test_all_criteria_go_back_together():
    campaign = factories.rating_campaign(overlap=1)
    factories.single(campaign)
    alice = factories.evaluator(campaign)
    held = assignments.next_for(annotator=alice, campaign=campaign)
    good = {"help": judgments.Answer(rating=2), "wrong": judgments.Answer(labels={})}
    judgments.submit(by=alice, assignment_id=held.public_id, answers=good, idempotency_key="k")
    undo.undo(by=alice, assignment_id=held.public_id)
    assert Judgment.objects.filter(is_retraction=True).count() == 2
    assert not Judgment.objects.effective().exists()


def test_a_paused_campaign_and_a_suspended_person_take_nothing_back(campaign, alice):
    held, rita = answer(alice, campaign), factories.researcher_of(campaign)
    campaigns.pause(campaign=campaign, by=rita)
    with pytest.raises(CampaignNotOpen):
        undo.undo(by=alice, assignment_id=held.public_id)
    campaigns.open_(campaign=campaign, by=rita)
    evaluators.suspend(enrollment=alice.enrollments.get(), by=rita, reason="tests")
    with pytest.raises(judgments.AssignmentClosed, match="not an active evaluator"):
        undo.undo(by=alice, assignment_id=held.public_id)
    assert Judgment.objects.effective().count() == 1


def test_each_retraction_has_its_event_and_without_it_nothing_is_taken_back(campaign, alice, monkeypatch):
    held = answer(alice, campaign)

    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    with monkeypatch.context() as broken:
        broken.setattr("annotation.services.audit._insert", fail)
        with pytest.raises(RuntimeError, match="full"):
            undo.undo(by=alice, assignment_id=held.public_id)
    assert Judgment.objects.effective().count() == 1
    assert Assignment.objects.get().state == "submitted"
    undo.undo(by=alice, assignment_id=held.public_id)
    bodies = b"".join(bytes(event.body) for event in AuditEvent.objects.all())
    assert bodies.count(b'"action":"judgment.withdraw"') == 1
    assert bodies.count(b'"action":"assignment.resume"') == 1
