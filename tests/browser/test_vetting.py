"""From the application through the test to the first task, by keyboard and without script; and the pages behind it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation.models import Enrollment, Gold
from annotation.services import golds, vetting
from tests import factories
from tests.browser import texts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rita():
    return factories.rita()


@pytest.fixture
def campaign(rita):
    made = factories.campaign(rita, guide=texts.GUIDE)
    for number in range(6):
        task = texts.task(made)
        golds.set_answer(
            task=task,
            outcome="ab"[number % 2],
            justification="the other answer adds the old and the new rent before it takes the share",
            by=rita,
        )
    texts.task(made)
    vetting.lock_consent(campaign=made, text="You may stop at any time. **Nothing** is shared.", by=rita)
    vetting.set_test(campaign=made, size=3, line=2, gold_percent=0, by=rita)
    return made


@pytest.fixture
def alice(campaign):
    return factories.user("alice")


def answer(page, is_right: bool) -> None:
    """Press the key of the known answer, or of the other side."""
    place = int(page.locator("[name=place]").input_value())
    due = Enrollment.objects.get().qualifications.latest("number").answers.get(place=place)
    known = Gold.objects.get(task=due.task).outcome
    is_left = (known == "a") == (due.shown_order == "ab")
    page.keyboard.press("1" if is_left == is_right else "3")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_from_the_application_to_the_first_task_by_keyboard(visit, campaign, alice):
    with visit(user=alice) as visitor:
        page = visitor.open(reverse("apply", args=[campaign.slug]))
        visitor.check()
        visitor.shoot("apply-consent")
        visitor.expected_statuses.add(422)
        page.get_by_role("button", name="Apply").press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Agree to version 1 of the consent first.")
        page.get_by_label("I agree to this").press("Space")
        page.get_by_role("button", name="Apply").press("Enter")
        visitor.check()
        visitor.shoot("test-before")
        page.get_by_role("button", name="Begin the test").press("Enter")
        expect(page.locator("h1")).to_have_text("Test, task 1 of 3: compare two answers")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Overall has no answer yet")
        visitor.check()
        visitor.shoot("test-task", full=False)
        for is_right in (True, False, True):
            answer(page, is_right)
        expect(page.locator("h1")).to_have_text("You passed: 2 of 3 right")
        expect(page.locator(".queue")).to_contain_text("adds the old and the new rent")
        visitor.check()
        page.get_by_role("link", name="Start the first task").press("Enter")
        expect(page.locator("h1")).to_have_text("Task 1: compare two answers")


def test_who_fails_reads_why_and_may_try_once_more(visit, show, campaign, alice):
    with visit(user=alice) as visitor:
        page = visitor.open(reverse("apply", args=[campaign.slug]))
        page.get_by_label("I agree to this").check()
        page.get_by_role("button", name="Apply").click()
        for again in ("Begin the test", "Take the test again"):
            page.get_by_role("button", name=again).click()
            for _ in range(3):
                answer(page, False)
            expect(page.locator("h1")).to_have_text("Not yet: 0 of 3 right, the line is 2")
        expect(page.locator("main")).to_contain_text("You have taken the test and its one retake.")
    show(reverse("qualification-result", args=[campaign.slug]), "test-failed", alice)


def test_the_test_without_script(visit, campaign, alice):
    with visit(user=alice, javascript=False) as visitor:
        page = visitor.open(reverse("apply", args=[campaign.slug]))
        page.get_by_label("I agree to this").check()
        page.get_by_role("button", name="Apply").click()
        page.get_by_role("button", name="Begin the test").click()
        for _ in range(3):
            page.locator("input[value=both_bad]").check()
            page.get_by_role("button", name="Submit and next").click()
        expect(page.locator("h1")).to_have_text("Not yet: 0 of 3 right, the line is 2")


def test_the_pages_of_vetting_look_right(show, campaign, rita):
    show(reverse("campaign-vetting", args=[campaign.slug]), "vetting", rita)
    task = Gold.objects.first().task
    show(reverse("gold", args=[campaign.slug, task.public_id]), "gold", rita)


def test_a_known_answer_is_written_without_script(visit, campaign, rita):
    task = factories.task(campaign, pool="gold", prompt="fresh")
    with visit(user=rita, javascript=False) as visitor:
        page = visitor.open(reverse("campaign-vetting", args=[campaign.slug]))
        page.get_by_role("link", name="fresh", exact=True).click()
        page.get_by_label("B is better").check()
        visitor.expected_statuses.add(422)
        page.get_by_role("button", name="Keep the answer").click()
        expect(page.get_by_text("Say why this is the answer.")).to_be_visible()
        page.get_by_label("Why").fill("A invents a source")
        page.get_by_role("button", name="Keep the answer").click()
        expect(page.locator("main")).to_contain_text("A invents a source")
    assert Gold.objects.get(task=task).outcome == "b"
