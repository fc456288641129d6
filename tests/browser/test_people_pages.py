"""Pages of collecting, inviting, training and answering people, looked at; and the word before a task goes back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from annotation.models import Assignment
from annotation.services import assignments, campaigns, evaluators, golds, invitations, judgments, reviews, vetting
from tests import factories
from tests.browser import texts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rita():
    return factories.rita()


@pytest.fixture
def campaign(rita):
    made = factories.campaign(rita, guide=texts.GUIDE)
    for number in range(3):
        golds.set_answer(task=texts.task(made), outcome="ab"[number % 2], justification="the sum is wrong", by=rita)
    texts.task(made), texts.task(made)
    lists = {"groups": ["patients", "staff"], "fields_of_expertise": ["law", "medicine"]}
    vetting.set_profile_lists(campaign=made, by=rita, **lists)
    vetting.set_test(campaign=made, size=2, line=1, gold_percent=0, training_size=1, by=rita)
    return made


@pytest.fixture
def alice(campaign):
    return factories.evaluator(campaign, "alice")


def url(name, campaign) -> str:
    return reverse(name, args=[campaign.slug])


def test_the_inbox_looks_right(show, campaign, alice, rita):
    held = assignments.next_for(annotator=alice, campaign=campaign)
    call = {"by": alice, "assignment_id": held.public_id, "idempotency_key": "k"}
    said = {"comment": "The second answer stops in the middle of a sentence.", "flags": ["broken"]}
    judgments.submit(**call, answers={"overall": judgments.Answer("left")}, **said)
    evaluators.suspend(enrollment=alice.enrollments.get(), by=rita, reason="faster than one can read")
    reviews.appeal(enrollment=alice.enrollments.get(), text="I had read these texts the day before.")
    show(url("campaign-inbox", campaign), "inbox", rita)


def test_the_limits_and_the_people_look_right(show, campaign, alice, rita):
    show(url("campaign-collection", campaign), "collection", rita)
    invitations.invite(campaign=campaign, role="evaluator", note="Carla of the ward", by=rita)
    show(url("campaign-people", campaign), "people-invitations", rita)


def test_an_invited_person_is_shown_what_awaits_them(show, campaign, rita):
    secret = invitations.invite(campaign=campaign, role="evaluator", by=rita)[1]
    carla = factories.user("carla")
    show(reverse("invitation", args=[secret]), "invitation", carla)
    show(url("apply", campaign), "apply-profile", carla)


def test_the_training_explains_an_answer_by_keyboard(visit, campaign):
    carla = factories.evaluator(campaign, "carla", qualified=False)
    with visit(user=carla.user) as visitor:
        page = visitor.open(url("training", campaign))
        page.keyboard.press("1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_text("the sum is wrong")).to_be_visible()
        visitor.check()
        visitor.shoot("training")
        expect(page.get_by_role("link", name="Go on")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Begin the test")).to_be_visible()


def test_two_minutes_before_a_task_goes_back_it_can_be_kept(visit, campaign, alice):
    held = assignments.next_for(annotator=alice, campaign=campaign)
    Assignment.objects.filter(pk=held.pk).update(expires_at=timezone.now() + timedelta(seconds=100))
    with visit(user=alice.user) as visitor:
        page = visitor.open(url("evaluate", campaign))
        notice = page.locator("[data-role=lease]")
        expect(notice).to_contain_text("This task goes back")
        visitor.check()
        visitor.shoot("lease")
        page.get_by_role("button", name="Keep the task").click()
        expect(notice).to_be_hidden()
    assert Assignment.objects.get(pk=held.pk).expires_at > timezone.now() + timedelta(minutes=20)


def test_who_has_done_their_share_reads_so(show, campaign, alice, rita):
    limits = {"daily_cap": 1, "total_cap": 0, "deadline": None, "repeat_percent": 0}
    campaigns.set_limits(campaign=campaign, by=rita, **limits)
    factories.judgment(alice, campaign)
    Assignment.objects.update(submitted_at=timezone.now())
    show(url("evaluate", campaign), "day-done", alice.user)
