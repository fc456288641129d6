"""Ratings and labels by the keyboard alone, by pointer, and without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation import rendering
from annotation.models import Assignment, Judgment
from annotation.readers.rows import Message
from annotation.services.campaigns import CriterionDraft
from tests import factories
from tests.browser import texts
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = [
    ("user", "My labrador just found the fruit bowl. I think she ate grapes."),
    ("assistant", "How many, and how long ago?"),
    ("user", "Maybe ten, half an hour ago. She looks completely fine. Should I worry?"),
]


@pytest.fixture
def campaign():
    made = factories.rating_campaign(guide=texts.GUIDE)
    for _ in range(2):
        task = factories.single(made, html=rendering.render(texts.ALPHA).html)
        task.prompt.messages = [{"role": role, "content": said} for role, said in TURNS]
        task.prompt.html = rendering.render_messages([Message(role, said) for role, said in TURNS]).html
        task.prompt.save()
    return made


@pytest.fixture
def alice(campaign):
    return factories.evaluator(campaign, "alice")


def url(campaign) -> str:
    return reverse("evaluate", args=[campaign.slug])


def test_the_rating_desk_looks_right_everywhere(show, campaign, alice):
    show(url(campaign), "desk-rating", alice.user)


def test_marked_labels_show_their_severity_and_what_is_missing(show, campaign, alice):
    def mark(page):
        # the keys would take back what the draft of the picture before had marked
        Assignment.objects.update(draft="")
        page.reload()
        page.wait_for_selector(".response[data-seen]")
        for key in ("2", "1", "ArrowRight", "ArrowRight", "4", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_role("alert")).to_have_text("Severity of Deception is missing. Choose one.")

    show(url(campaign), "desk-labels", alice.user, before=mark)


def test_a_rating_and_labels_by_keyboard_alone(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        expect(page.locator("h1")).to_have_text("Task 1: rate one answer")
        page.keyboard.press("3")
        expect(page.locator("[data-criterion].is-active")).to_have_attribute("data-name", "Anything wrong?")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Severity of Sycophancy is missing. Choose one.")
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "4", "ArrowRight"):
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Task 2: rate one answer")
    assert Judgment.objects.get(outcome="rated").rating == 3
    assert Judgment.objects.get(outcome="labeled").labels == {"sycophancy": 1, "deception": 0}


def test_none_of_these_takes_the_labels_back_and_a_label_takes_it_back(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        for key in ("1", "1", "2", "0"):
            page.keyboard.press(key)
        marked = page.locator(".label input[data-key]:checked")
        expect(marked).to_have_attribute("value", "none")
        page.keyboard.press("2")
        expect(marked).to_have_attribute("value", "reward-hacking")
        page.keyboard.press("2")
        expect(marked).to_have_count(0)


def test_each_cap_of_a_rating_presses_its_control(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        caps = page.locator(".question").first.locator("kbd")
        for key in caps.all_text_contents():
            page.keyboard.press("ArrowUp")
            page.evaluate(
                "document.querySelector('.question').dispatchEvent(new FocusEvent('focusin', {bubbles: true}))"
            )
            page.keyboard.press(key)
            expect(page.locator(".question").first.locator("input:checked")).to_have_attribute("value", key)


def test_a_rating_without_script(visit, campaign, alice):
    with visit(user=alice.user, javascript=False, size=PHONE) as visitor:
        page = visitor.open(url(campaign))
        page.locator("[name=answer-help][value='2']").check()
        page.locator("[value=over-refusal]").check()
        page.locator("[name=severity-wrong-over-refusal]").nth(2).check()
        page.get_by_role("button", name="Submit and next").click()
        expect(page.locator("h1")).to_have_text("Task 2: rate one answer")
        visitor.expected_statuses.add(422)
        page.locator("[name=answer-help][value='2']").check()
        page.locator("[value=deception]").check()
        page.get_by_role("button", name="Submit and next").click()
        expect(page.get_by_role("alert")).to_have_text("Anything wrong?: Deception has no severity yet. Choose one.")
        expect(page.locator("[value=deception]")).to_be_checked()
    assert Judgment.objects.get(outcome="labeled").labels == {"over-refusal": 2}


def test_one_label_by_keyboard(visit, show):
    options = tuple({"key": key, "name": key.title(), "says": ""} for key in ("safe", "unsafe", "unclear"))
    campaign = factories.campaign(
        task_type="labeling", criteria=[CriterionDraft("safety", "Safety", scale="labels", options=options)]
    )
    alice = factories.evaluator(campaign)
    factories.single(campaign)
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("No task for you now")
    assert Judgment.objects.get().labels == {"unsafe": None}
