"""Leases come back: by the clock, on a skip, a pause, a suspension; who gave one back is not cut off from it."""

import pytest
from django.db import connection
from django.http import Http404

from annotation.models import Assignment, AuditEvent, Enrollment, Judgment
from annotation.permissions import NotVetted
from annotation.policies import CampaignNotOpen
from annotation.services import assignments, campaigns, evaluators, judgments
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    made = factories.campaign(overlap=1)
    factories.task(made)
    return made


@pytest.fixture
def bob(campaign):
    return factories.evaluator(campaign)


def take(annotator, campaign):
    return assignments.next_for(annotator=annotator, campaign=campaign)


def run_out(assignment):
    """Let a lease end by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update annotation_assignment set leased_at = now() - interval '2 hours',"
            " expires_at = now() - interval '1 second' where id = %s",
            [assignment.pk],
        )


def submit(annotator, assignment, key="k"):
    answers = {"overall": judgments.Answer("left")}
    return judgments.submit(by=annotator, assignment_id=assignment.public_id, answers=answers, idempotency_key=key)


def events(action: str) -> int:
    return sum(f'"action":"{action}"'.encode() in bytes(event.body) for event in AuditEvent.objects.all())


def test_a_held_place_is_nobody_elses_until_its_lease_runs_out(campaign, alice, bob):
    held = take(alice, campaign)
    assert take(bob, campaign) is None
    run_out(held)
    given = take(bob, campaign)
    assert given is not None
    assert given.task_id == held.task_id
    assert given.public_id != held.public_id


def test_an_answer_after_the_end_counts_only_while_the_place_is_free(campaign, alice, bob):
    held = take(alice, campaign)
    run_out(held)
    take(bob, campaign)
    with pytest.raises(judgments.AssignmentClosed, match="went to somebody else"):
        submit(alice, held)
    assert not Judgment.objects.exists()
    other = factories.task(campaign)
    late = take(alice, campaign)
    assert late.task_id == other.pk
    run_out(late)
    assignments.expire_leases()
    assert submit(alice, late).judgments[0].task_id == other.pk


def test_a_lease_that_came_back_goes_out_again_with_the_same_id_and_sides(campaign, alice):
    held = take(alice, campaign)
    run_out(held)
    assert assignments.expire_leases() == 1
    again = take(alice, campaign)
    assert (again.public_id, again.shown_order, again.pk) == (held.public_id, held.shown_order, held.pk)
    assert Assignment.objects.get().state == "leased"
    assert events("assignment.create") == 2
    assert events("assignment.expire") == 1


def test_a_pause_returns_the_task_and_keeps_it_for_its_person(campaign, alice, bob):
    held = take(alice, campaign)
    assert assignments.give_back(annotator=alice, campaign=campaign) == 1
    assert take(alice, campaign).public_id == held.public_id
    assignments.give_back(annotator=alice, campaign=campaign)
    assert take(bob, campaign) is not None


def test_a_skipped_task_goes_to_others_only(campaign, alice, bob):
    held = take(alice, campaign)
    assignments.skip(annotator=alice, public_id=held.public_id, reason="broken")
    assert take(alice, campaign) is None
    assert take(bob, campaign) is not None


def test_a_suspension_returns_the_task_and_refuses_the_answer(campaign, alice, bob):
    held = take(alice, campaign)
    rita = factories.researcher_of(campaign)
    enrollment = Enrollment.objects.get(annotator=alice)
    evaluators.suspend(enrollment=enrollment, by=rita, reason="tests")
    assert Assignment.objects.get().state == "revoked"
    assert events("assignment.revoke") == 1
    with pytest.raises(judgments.AssignmentClosed, match="not an active evaluator"):
        submit(alice, held)
    with pytest.raises(NotVetted):
        take(alice, campaign)
    assert take(bob, campaign) is not None
    assert not Judgment.objects.exists()


def test_a_suspension_leaves_a_lapsed_lease_no_way_in_either(campaign, alice):
    held = take(alice, campaign)
    run_out(held)
    assignments.expire_leases()
    enrollment = Enrollment.objects.get(annotator=alice)
    evaluators.suspend(enrollment=enrollment, by=factories.researcher_of(campaign), reason="tests")
    with pytest.raises(judgments.AssignmentClosed, match="not an active evaluator"):
        submit(alice, held)


def test_a_paused_campaign_takes_nothing_and_gives_its_tasks_back_on_opening(campaign, alice):
    held, rita = take(alice, campaign), factories.researcher_of(campaign)
    campaigns.pause(campaign=campaign, by=rita)
    assert Assignment.objects.get().state == "expired"
    with pytest.raises(CampaignNotOpen):
        submit(alice, held)
    with pytest.raises(CampaignNotOpen):
        take(alice, campaign)
    campaigns.open_(campaign=campaign, by=rita)
    assert take(alice, campaign).public_id == held.public_id


def test_the_state_of_a_campaign_is_read_after_the_lock(campaign, alice):
    """The caller's copy of the campaign may be older than a pause."""
    held = take(alice, campaign)
    campaign.__class__.objects.filter(pk=campaign.pk).update(state="paused")
    with pytest.raises(CampaignNotOpen):
        submit(alice, held)


def test_a_campaign_without_a_seat_does_not_exist(campaign):
    stranger = factories.evaluator(factories.campaign())
    with pytest.raises(Http404):
        take(stranger, campaign)


def test_if_the_witness_fails_no_lease_is_given(campaign, alice, monkeypatch):
    monkeypatch.setattr("annotation.services.audit.leaf_hash", lambda body: b"short")
    with pytest.raises(Exception, match="audit_event"):
        take(alice, campaign)
    assert not Assignment.objects.exists()
