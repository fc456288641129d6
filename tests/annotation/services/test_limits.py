"""How much one person answers, until when, and what comes a second time; an open task may always be finished."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, AuditEvent, Campaign, Judgment
from annotation.services import assignments, campaigns, drafts, judgments, picking, undo
from annotation.services.assignments import Rest
from tests import factories
from tests.annotation.statements import statements

pytestmark = pytest.mark.django_db
FREE = {"daily_cap": 0, "total_cap": 0, "deadline": None, "repeat_percent": 0}


@pytest.fixture
def campaign():
    made = factories.campaign(overlap=2)
    for _ in range(5):
        factories.task(made)
    return made


def limit(campaign, **values) -> None:
    campaigns.set_limits(campaign=campaign, by=factories.researcher_of(campaign), **FREE | values)


def turn(person, campaign):
    return assignments.next_at_desk(user=person.user, slug=campaign.slug)


@pytest.mark.parametrize(("limits", "rest"), [({"daily_cap": 2}, Rest.DAY_DONE), ({"total_cap": 2}, Rest.ALL_DONE)])
def test_who_has_answered_enough_gets_no_task_and_reads_why(campaign, alice, limits, rest):
    limit(campaign, **limits)
    for _ in range(2):
        factories.judgment(alice, campaign)
    found = turn(alice, campaign)
    assert (found.assignment, found.rest) == (None, rest)
    assert turn(factories.evaluator(campaign), campaign).assignment is not None, "the limit is each person's own"


def test_yesterdays_answers_do_not_count_for_today(campaign, alice):
    limit(campaign, daily_cap=1)
    factories.judgment(alice, campaign)
    Assignment.objects.update(submitted_at=timezone.now() - timedelta(days=1))
    assert turn(alice, campaign).assignment is not None


def test_an_answer_taken_back_at_the_limit_is_given_again(campaign, alice):
    limit(campaign, total_cap=1)
    first = factories.judgment(alice, campaign)
    undo.undo(by=alice, assignment_id=first.assignment.public_id)
    found = turn(alice, campaign).assignment
    assert found is not None
    assert found.public_id == first.assignment.public_id


def test_after_the_deadline_only_what_is_open_is_shown_and_taken(campaign, alice):
    held = turn(alice, campaign).assignment
    limit(campaign, deadline=timezone.now() - timedelta(minutes=1))
    assert turn(alice, campaign).assignment == held
    answers = {"overall": judgments.Answer("left")}
    judgments.submit(by=alice, assignment_id=held.public_id, answers=answers, idempotency_key="k")
    assert turn(alice, campaign).rest == Rest.DEADLINE


@pytest.mark.parametrize("limits", [FREE, FREE | {"total_cap": 50, "daily_cap": 50, "repeat_percent": 10}])
def test_limits_cost_no_statement_more(campaign, alice, limits):
    limit(campaign, **limits)
    with statements() as asked:
        assert turn(alice, campaign).assignment
    assert len(asked) == 3


def test_a_change_of_limits_is_witnessed_and_a_contradiction_refused(campaign, monkeypatch):
    limit(campaign, daily_cap=3, total_cap=9, repeat_percent=4)
    body = bytes(AuditEvent.objects.latest("id").body)
    assert b'"daily_cap":3' in body
    assert b'"total_cap":9' in body
    with pytest.raises(campaigns.LimitsRefused):
        limit(campaign, daily_cap=9, total_cap=3)
    monkeypatch.setattr("annotation.services.audit._insert", lambda events: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        limit(campaign, daily_cap=1)
    assert Campaign.objects.get(pk=campaign.pk).daily_cap == 3


class TestRepeats:
    @pytest.fixture
    def campaign(self, monkeypatch):
        made = factories.campaign(overlap=1)
        for _ in range(16):
            factories.task(made)
        monkeypatch.setattr(picking, "LEAST_LAG", 3)
        return made

    def work(self, campaign, alice, answers: int) -> list[Judgment]:
        Campaign.objects.filter(pk=campaign.pk).update(repeat_percent=100)
        campaign.refresh_from_db()
        return [factories.judgment(alice, campaign) for _ in range(answers)]

    def test_a_task_comes_once_more_after_others_and_then_never(self, campaign, alice):
        rows = self.work(campaign, alice, 20)
        again = [row for row in rows if row.round == 1]
        assert again
        for row in again:
            places = [place for place, other in enumerate(rows) if other.task_id == row.task_id]
            assert len(places) == 2
            assert places[1] - places[0] > 3

    def test_a_repeat_takes_nobodys_place_and_draws_its_sides_anew(self, campaign, alice):
        rows = self.work(campaign, alice, 20)
        again = {row.task_id: row.shown_order for row in rows if row.round == 1}
        first = {row.task_id: row.shown_order for row in rows if row.round == 0}
        drawn = [picking.shown_order(campaign, alice, row.task, round_=1) for row in rows if row.round == 1]
        assert list(again.values()) == drawn
        assert set(again) <= set(first)
        assert {row.task.is_open for row in rows if row.round == 0} == {True}
        assert Judgment.objects.effective().first_round().count() == len(first)

    def test_a_repeat_can_be_taken_back_and_answered_again(self, campaign, alice):
        last = next(row for row in reversed(self.work(campaign, alice, 20)) if row.round == 1)
        Assignment.objects.filter(pk=last.assignment_id).update(submitted_at=timezone.now())
        undo.undo(by=alice, assignment_id=last.assignment.public_id)
        held = assignments.next_for(annotator=alice, campaign=campaign)
        assert (held.task_id, held.round) == (last.task_id, 1)
        answers = {"overall": judgments.Answer("tie")}
        judgments.submit(by=alice, assignment_id=held.public_id, answers=answers, idempotency_key="again")
        assert Judgment.objects.effective().filter(task=last.task_id).count() == 2

    def test_the_list_of_campaigns_counts_a_repeat_like_any_other(self, campaign, alice, client, settings):
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
        self.work(campaign, alice, 12)
        client.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
        assert "12 of 40 today, 12 in all" in client.get(reverse("evaluate-list")).content.decode()


class TestExtension:
    def age(self, held, *, left: int, since: int = 60) -> None:
        now = timezone.now()
        moments = {"leased_at": now - timedelta(minutes=since), "expires_at": now + timedelta(seconds=left)}
        Assignment.objects.filter(pk=held.pk).update(**moments)

    def test_a_lease_begins_anew_while_it_runs_but_not_for_ever(self, campaign, alice):
        held = assignments.next_for(annotator=alice, campaign=campaign)
        call = {"annotator": alice, "campaign": campaign, "public_id": held.public_id}
        self.age(held, left=10)
        assert 1_790 <= assignments.extend(**call) <= 1_800
        self.age(held, left=10, since=115)
        assert assignments.extend(**call) <= 300, "four times its length is the end"
        self.age(held, left=-1)
        assert assignments.extend(**call) == 0, "what has run out may be somebody else's"

    def test_a_saved_draft_keeps_the_task(self, campaign, alice):
        held = assignments.next_for(annotator=alice, campaign=campaign)
        self.age(held, left=10)
        drafts.save(annotator=alice, campaign=campaign, public_id=held.public_id, content="comment=x", revision=0)
        left = Assignment.objects.get(pk=held.pk).expires_at - timezone.now()
        assert left > timedelta(minutes=29)

    def test_nobody_keeps_the_task_of_another(self, campaign, alice):
        held = assignments.next_for(annotator=alice, campaign=campaign)
        bob = factories.evaluator(campaign)
        assert assignments.extend(annotator=bob, campaign=campaign, public_id=held.public_id) == 0
