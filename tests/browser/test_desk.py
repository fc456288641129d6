"""The desk as hands use it: keys, swaps, focus, no script, two tabs, a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation.models import Assignment, Judgment
from annotation.services.campaigns import CriterionDraft
from tests import factories
from tests.browser import texts
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db(transaction=True)
SUBMIT = "Submit and next"


@pytest.fixture
def campaign():
    return factories.campaign(guide=texts.GUIDE)


@pytest.fixture
def alice(campaign):
    return factories.evaluator(campaign, "alice")


@pytest.fixture
def desk(visit, campaign, alice):
    """Return a function that opens alice's desk in a tab."""

    def open_desk(**options):
        return visit(user=alice.user, **options)

    return open_desk


def url(campaign) -> str:
    return reverse("evaluate", args=[campaign.slug])


def chosen(page) -> list[str]:
    return page.eval_on_selector_all("#answer input[type=radio]:checked", "marks => marks.map(mark => mark.value)")


def touch(page, control) -> None:
    """Touch a control where it stands; Playwright's own tap may scroll the page first."""
    box = control.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_key_and_enter_answer_a_task_and_focus_goes_to_the_next(desk, campaign):
    texts.task(campaign), texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        expect(page.locator("#task h1")).to_have_text("Task 2: compare two answers")
        expect(page.locator("#task h1")).to_be_focused()
        expect(page.locator(".toast")).to_contain_text("Saved. You can undo for")
        expect(page.locator("#said")).to_have_text("Saved. 1 of 40 today.")
        expect(page.locator(".topbar")).to_contain_text("task 2 of 40 today")
        assert chosen(page) == []
        visitor.check()
        visitor.shoot("desk-saved", full=False)
    assert Judgment.objects.count() == 1


def test_each_cap_on_the_page_presses_its_control(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        for key, value in {"1": "left", "2": "tie", "3": "right", "0": "both_bad", "t": "tie"}.items():
            page.keyboard.press(key)
            assert chosen(page) == [value], key
        for key, drawer in {"g": "guide", "?": "keys", "s": "skip", "f": "flag", "c": "comment"}.items():
            page.keyboard.press(key)
            expect(page.locator(f"#{drawer}")).to_be_visible()
            page.keyboard.press("Escape")
            expect(page.locator(f"#{drawer}")).to_be_hidden()
        page.keyboard.press("y")
        expect(page.get_by_role("button", name="Scroll together")).to_have_attribute("aria-pressed", "false")
        visitor.check()
        caps = page.eval_on_selector_all(
            "#answer kbd, .topbar kbd", "caps => caps.filter(cap => cap.checkVisibility()).map(cap => cap.textContent)"
        )
        assert set(caps) == {"1", "2", "3", "0", "s", "f", "c", "d", "y", "g", "?", "Enter"}


def test_arrows_move_along_the_scale_and_stop_at_its_ends(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        seen = []
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
            seen += chosen(page)
        assert seen == ["left", "left", "tie", "right", "right"]


def test_a_key_that_means_nothing_here_says_what_does(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("5")
        expect(page.get_by_role("alert")).to_have_text("Overall takes 1 to 3, or 0.")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Overall has no answer yet. Press 1 to 3, or 0.")
        page.keyboard.press("1")
        expect(page.get_by_role("alert")).to_have_text("")
    assert not Judgment.objects.exists()


def test_digits_belong_to_the_active_criterion_and_the_next_open_one_follows(visit):
    criteria = [CriterionDraft("help", "Helpfulness", levels=5), CriterionDraft("honesty", "Honesty", levels=5)]
    campaign = factories.campaign(criteria=criteria)
    alice = factories.evaluator(campaign)
    texts.task(campaign)
    with visit(user=alice.user) as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("2")
        expect(page.locator(".criterion.is-active")).to_have_attribute("data-name", "Honesty")
        page.keyboard.press("5")
        assert chosen(page) == ["left:1", "right:2"]
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("No task for you now")
    assert Judgment.objects.count() == 2


def test_letters_in_the_comment_are_text_and_ctrl_enter_submits(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("1")
        page.keyboard.press("c")
        page.keyboard.type("such gist 123")
        page.keyboard.press("Control+Enter")
        expect(page.locator("h1")).to_have_text("No task for you now")
    judgment = Judgment.objects.get()
    assert judgment.comment == "such gist 123"


def test_single_keys_can_be_turned_off(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("?")
        page.get_by_role("button", name="Turn off single keys").click()
        expect(page.locator("#keys")).to_contain_text("Single keys are off.")
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        assert chosen(page) == []
        expect(page.locator(".choice kbd").first).to_be_hidden()
        page.keyboard.press("ArrowLeft")
        assert chosen(page) == ["left"]


def test_working_time_is_sent_and_leaves_idle_time_out(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.page
        page.clock.install()
        visitor.open(url(campaign))
        page.clock.run_for(5_000)
        page.mouse.move(10, 10)
        page.clock.run_for(600_000)
        page.keyboard.press("1")
        page.clock.run_for(1_000)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("No task for you now")
    assert 30_000 <= (Judgment.objects.get().active_ms or 0) <= 38_000


def test_enter_pressed_twice_answers_once(desk, campaign):
    texts.task(campaign), texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("1")
        page.evaluate(
            "() => { const form = document.getElementById('answer'); form.requestSubmit(); form.requestSubmit(); }"
        )
        expect(page.locator("#task h1")).to_have_text("Task 2: compare two answers")
    assert Judgment.objects.count() == 1


def test_without_script_a_task_is_answered_skipped_and_shown(desk, campaign):
    texts.task(campaign, content_warning="injury"), texts.task(campaign)
    with desk(javascript=False) as visitor:
        page = visitor.open(url(campaign))
        for _ in range(2):
            if page.locator(".veil").count():
                page.locator(".veil summary").click()
                expect(page.locator(".veil")).to_have_attribute("open", "")
            page.locator(".choice", has_text="Left").first.click()
            page.get_by_role("button", name=SUBMIT).click()
        expect(page.locator("h1")).to_have_text("No task for you now")
    assert Judgment.objects.count() == 2


def test_without_script_a_missing_answer_is_named(desk, campaign):
    texts.task(campaign)
    with desk(javascript=False) as visitor:
        visitor.expected_statuses.add(422)
        page = visitor.open(url(campaign))
        page.get_by_role("button", name=SUBMIT).click()
        expect(page.get_by_role("alert")).to_contain_text("Overall has no answer yet.")
        visitor.shoot("desk-no-script-refused", full=False)


def test_without_script_a_skip_with_its_reason_goes_on(desk, campaign):
    texts.task(campaign)
    with desk(javascript=False) as visitor:
        page = visitor.open(url(campaign))
        page.get_by_role("button", name="Skip").first.click()
        page.locator("#skip .choice", has_text="Broken").click()
        page.get_by_role("button", name="Skip the task").click()
        expect(page.locator("h1")).to_have_text("No task for you now")
    assert Assignment.objects.get().reason == "broken"


def test_skip_by_keys_swaps_in_the_next_task(desk, campaign):
    texts.task(campaign), texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        own = page.locator("#answer [name=assignment]").input_value()
        page.keyboard.press("s")
        expect(page.locator("#skip input[type=radio]").first).to_be_focused()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("#answer [name=assignment]")).not_to_have_value(own)
        expect(page.locator(".toast")).to_contain_text("Skipped.")
    assert Assignment.objects.get(public_id=own).state == "skipped"


def test_a_veiled_task_is_not_answered_blind(desk, campaign):
    texts.task(campaign, content_warning="injury")
    with desk() as visitor:
        page = visitor.open(url(campaign))
        assert page.evaluate("document.querySelector('.veiled').inert")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Show the texts first, or skip the task.")
        page.locator(".veil summary").click()
        expect(page.locator(".veiled")).not_to_have_attribute("inert", "")
        assert page.evaluate("getComputedStyle(document.querySelector('.veiled')).filter") == "none"
        visitor.check()
        page.get_by_role("button", name=SUBMIT).click()
        expect(page.locator("h1")).to_have_text("No task for you now")


def test_the_second_of_two_tabs_is_told_that_the_task_is_answered(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        visitor.expected_statuses.add(409)
        first = visitor.open(url(campaign))
        second = visitor.new_tab()
        second.goto(url(campaign))
        first.keyboard.press("1")
        first.keyboard.press("Enter")
        expect(first.locator("h1")).to_have_text("No task for you now")
        second.keyboard.press("3")
        second.keyboard.press("Enter")
        expect(second.locator("h1")).to_have_text("This answer was not stored")
        second.get_by_role("link", name="Next task").click()
        expect(second.locator("h1")).to_have_text("No task for you now")
    assert Judgment.objects.count() == 1


def test_the_back_button_shows_the_task_in_force_and_loses_nothing(desk, campaign):
    texts.task(campaign), texts.task(campaign)
    with desk() as visitor:
        visitor.open("/evaluate/")
        page = visitor.open(url(campaign))
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.locator("#task h1")).to_have_text("Task 2: compare two answers")
        page.go_back()
        page.go_forward()
        expect(page.locator("#task h1")).to_have_text("Task 2: compare two answers")
        assert chosen(page) == []
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("No task for you now")
    assert Judgment.objects.count() == 2


def test_without_network_the_answer_stays_and_is_stored_once_later(desk, campaign):
    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        page.keyboard.press("1")
        page.route("**/evaluate/**", lambda route: route.abort())
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("No network. Your answer is kept here.")
        assert chosen(page) == ["left"]
        page.unroute("**/evaluate/**")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("No task for you now")
        visitor.problems.clear()
    assert Judgment.objects.count() == 1


def test_on_a_phone_both_sides_must_have_been_on_screen(desk, campaign):
    texts.task(campaign)
    with desk(size=PHONE) as visitor:
        page = visitor.open(url(campaign))
        touch(page, page.locator(".choice", has_text="Left").first)
        touch(page, page.get_by_role("button", name=SUBMIT))
        expect(page.get_by_role("alert")).to_have_text("You have not seen Right yet. Here it is.")
        expect(page.locator("#right")).to_be_in_viewport()
        visitor.shoot("desk-phone-unseen", full=False)
        touch(page, page.get_by_role("button", name=SUBMIT))
        expect(page.locator("h1")).to_have_text("No task for you now")


def test_on_a_phone_the_switch_jumps_to_a_side_below_the_bar(desk, campaign):
    texts.task(campaign)
    with desk(size=PHONE) as visitor:
        page = visitor.open(url(campaign))
        page.get_by_role("link", name="Right", exact=True).tap()
        expect(page.locator("#right-h")).to_be_in_viewport()
        assert page.locator("#right-h").bounding_box()["y"] > page.locator(".sides").bounding_box()["y"]


def test_on_a_phone_an_answered_criterion_can_be_gone_back_to(visit):
    criteria = [CriterionDraft("help", "Helpfulness"), CriterionDraft("honesty", "Honesty")]
    campaign = factories.campaign(criteria=criteria)
    alice = factories.evaluator(campaign)
    texts.task(campaign)
    with visit(user=alice.user, size=PHONE) as visitor:
        page = visitor.open(url(campaign))
        page.locator(".criterion.is-active .choice", has_text="Left").tap()
        expect(page.locator(".criterion.is-active")).to_have_attribute("data-name", "Honesty")
        page.get_by_role("button", name="Helpfulness").tap()
        expect(page.locator(".criterion.is-active")).to_have_attribute("data-name", "Helpfulness")
        page.locator(".criterion.is-active .choice", has_text="Right").tap()
        assert chosen(page) == ["right"]


def test_nothing_but_the_two_texts_changes_when_the_sides_do(visit, campaign):
    made = texts.task(campaign)
    people = iter(factories.evaluator(campaign) for _ in range(20))
    pictures: dict[str, bytes] = {}
    while len(pictures) < 2:
        person = next(people)
        with visit(user=person.user) as visitor:
            page = visitor.open(url(campaign))
            order = Assignment.objects.get(annotator=person).shown_order
            page.add_style_tag(url="/static/css/desk.css")
            page.evaluate(
                "document.querySelectorAll('.response > .prose').forEach(text => { text.textContent = 'same'; })"
            )
            pictures[order] = page.screenshot()
        Assignment.objects.filter(annotator=person).update(state="revoked")
    assert made.response_a.html != made.response_b.html
    assert pictures["ab"] == pictures["ba"]


def test_stored_markup_cannot_speak_to_htmx(desk, campaign):
    made = texts.task(campaign)
    made.response_a.html = (
        '<p hx-get="/nowhere/" hx-trigger="load">quiet</p><a hx-post="/logout/" hx-trigger="load">x</a>'
    )
    made.response_a.save()
    requests: list[str] = []
    with desk() as visitor:
        visitor.page.on("request", lambda request: requests.append(request.url))
        page = visitor.open(url(campaign))
        page.wait_for_timeout(500)
    assert not [address for address in requests if "nowhere" in address or "logout" in address]


def test_a_session_that_ended_asks_for_a_sign_in(desk, campaign, alice):
    from django.contrib.sessions.models import Session

    texts.task(campaign)
    with desk() as visitor:
        page = visitor.open(url(campaign))
        Session.objects.all().delete()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Sign in")
    assert not Judgment.objects.exists()
