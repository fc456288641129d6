"""Nothing is lost at the desk: drafts, undo, a lost network, a second tab; and what differs between two answers."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation.models import Assignment, Judgment
from tests import factories
from tests.browser import texts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign():
    made = factories.campaign(guide=texts.GUIDE)
    texts.task(made), texts.task(made)
    return made


@pytest.fixture
def alice(campaign):
    return factories.evaluator(campaign, "alice")


def url(campaign) -> str:
    return reverse("evaluate", args=[campaign.slug])


def chosen(page) -> list[str]:
    return page.eval_on_selector_all("#answer input[type=radio]:checked", "marks => marks.map(mark => mark.value)")


def comment(page, text: str) -> None:
    page.keyboard.press("c")
    page.keyboard.type(text)
    page.keyboard.press("Escape")


def test_what_was_filled_in_is_there_after_a_reload(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("3")
        comment(page, "hard to say")
        expect(page.locator("[data-role=draft-state]")).to_have_text("Draft saved")
        key = page.locator("[name=key]").input_value()
        page.reload()
        assert chosen(page) == ["right"]
        expect(page.locator("#id_comment")).to_have_value("hard to say")
        assert page.locator("[name=key]").input_value() == key
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Task 2")
    assert Judgment.objects.get().comment == "hard to say"


def test_without_a_network_the_desk_says_so_and_tries_again(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        page.route("**/draft/", lambda route: route.fulfill(status=503, body="no"))
        visitor.expected_statuses.add(503)
        page.keyboard.press("1")
        expect(page.locator("[data-role=draft-state]")).to_have_text("Not saved yet. Trying again")
        page.unroute("**/draft/")
        page.keyboard.press("Control+s")
        expect(page.locator("[data-role=draft-state]")).to_have_text("Draft saved")
    assert "answer-overall=left" in Assignment.objects.get().draft


def test_an_older_tab_is_told_and_does_not_overwrite(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        other = page.context.new_page()
        other.goto(page.url)
        page.keyboard.press("1")
        expect(page.locator("[data-role=draft-state]")).to_have_text("Draft saved")
        visitor.expected_statuses.add(409)
        other.keyboard.press("3")
        expect(other.get_by_role("alert")).to_contain_text("changed in another tab")
        other.close()
    assert "answer-overall=left" in Assignment.objects.get().draft


def test_u_takes_back_the_last_change_and_then_the_last_answer(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        for key in ("1", "3", "u"):
            page.keyboard.press(key)
        assert chosen(page) == ["left"]
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Task 2: compare two answers")
        expect(page.locator(".toast")).to_contain_text("You can undo for")
        visitor.check()
        page.keyboard.press("u")
        expect(page.locator("#said")).to_contain_text("Taken back. Answer again.")
        expect(page.locator("h1")).to_have_text("Task 1: compare two answers")
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Task 2: compare two answers")
    assert Judgment.objects.effective().get().outcome == "tie"
    assert Judgment.objects.count() == 3


def test_the_last_answer_of_all_can_be_taken_back_too(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        for title in ("Task 2", "No task"):
            page.keyboard.press("1")
            page.keyboard.press("Enter")
            expect(page.locator("h1")).to_contain_text(title)
        visitor.check()
        visitor.shoot("desk-none-left")
        page.keyboard.press("u")
        expect(page.locator("h1")).to_contain_text("Task 2")
    assert Judgment.objects.effective().count() == 1


def test_undo_and_pause_without_script(visit, campaign, alice):
    with visit(user=alice.user, javascript=False) as visitor:
        page = visitor.open(url(campaign))
        page.locator("#answer input[type=radio]").first.check()
        page.get_by_role("button", name="Submit and next").click()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".toast")).to_have_text("Taken back. Answer again.")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("h1")).to_have_text("Your tasks")
    assert not Judgment.objects.effective().exists()
    assert not Assignment.objects.held().exists()


def test_differences_are_marked_on_both_sides_and_taken_away_again(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        before = page.locator(".responses").inner_html()
        page.keyboard.press("d")
        button = page.get_by_role("button", name="Differences")
        expect(button).to_have_attribute("aria-pressed", "true")
        assert page.locator("#left mark.differs").count() > 3
        assert page.locator("#right mark.differs").count() > 3
        assert page.locator("mark.differs :is(code, math), pre mark, math mark").count() == 0
        visitor.check()
        page.keyboard.press("d")
        expect(page.locator("mark.differs")).to_have_count(0)
        assert page.locator(".responses").inner_html() == before


def test_the_desk_with_differences_looks_right(show, campaign, alice):
    show(url(campaign), "desk-differences", alice.user, before=lambda page: page.keyboard.press("d"))


def test_a_person_uses_keys_of_their_own(visit, campaign, alice):
    with visit(user=alice.user) as visitor:
        page = visitor.open(reverse("account"))
        page.get_by_label("Skip").select_option("x")
        page.get_by_label("Guide").select_option("")
        visitor.check()
        visitor.shoot("account-keys")
        page.get_by_role("button", name="Save the keys").click()
        page.goto(page.url.replace("/account/", url(campaign)))
        caps = page.locator("#answer kbd, .topbar kbd").filter(visible=True).all_text_contents()
        assert "x" in caps
        assert "s" not in caps
        assert "g" not in caps
        page.keyboard.press("s")
        page.keyboard.press("g")
        expect(page.locator("#skip")).to_be_hidden()
        expect(page.locator("#guide")).to_be_hidden()
        page.keyboard.press("x")
        expect(page.locator("#skip")).to_be_visible()
