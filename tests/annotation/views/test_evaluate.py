import re

import pytest
from django.urls import reverse

from annotation.models import Assignment, Judgment
from annotation.services import assignments, campaigns, evaluators
from annotation.services.campaigns import CriterionDraft
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def campaign():
    return factories.campaign(overlap=3)


@pytest.fixture
def alice(campaign):
    return factories.evaluator(campaign, "alice")


def desk(campaign) -> str:
    return reverse("evaluate", args=[campaign.slug])


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None
    return found[1]


def answer(html: str, choice: str = "left", **more) -> dict:
    return {"assignment": hidden(html, "assignment"), "key": hidden(html, "key"), "answer-overall": choice} | more


def page(client, campaign) -> str:
    response = client.get(desk(campaign))
    assert response.status_code == 200
    return response.content.decode()


def test_the_desk_shows_prompt_and_both_texts_in_the_drawn_order(as_):
    campaign = factories.campaign(overlap=40)
    factories.task(campaign, prompt="p1")
    seen: set[str] = set()
    while seen != {"ab", "ba"}:
        person = factories.evaluator(campaign)
        html = page(as_(person), campaign)
        assert "What is p1?" in html
        order = Assignment.objects.get(annotator=person).shown_order
        texts = ["alpha says p1", "beta says p1"]
        left, right = texts if order == "ab" else texts[::-1]
        assert html.index(left) < html.index(right)
        seen.add(order)


def test_a_submit_stores_one_judgment_and_comes_back_to_the_next_task(campaign, alice, as_):
    factories.task(campaign), factories.task(campaign)
    client = as_(alice)
    html = page(client, campaign)
    data = answer(html, "right", active_ms="1234", comment="close call", flags=["unclear"])
    response = client.post(desk(campaign), data, follow=True)
    assert response.redirect_chain == [(desk(campaign), 302)]
    assert "Saved." in response.content.decode()
    judgment = Judgment.objects.get()
    side = "a" if judgment.shown_order == "ba" else "b"
    assert (judgment.outcome, judgment.active_ms, judgment.comment, judgment.flags) == (
        side,
        1234,
        "close call",
        ["unclear"],
    )
    assert hidden(response.content.decode(), "assignment") != data["assignment"]


def test_htmx_gets_only_the_next_task_and_the_word_saved(campaign, alice, as_):
    factories.task(campaign), factories.task(campaign)
    client = as_(alice)
    response = client.post(desk(campaign), answer(page(client, campaign)), **HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert 'id="task"' in html
    assert "Saved." in html
    assert "HX-Request" in response["Vary"]


def test_nothing_chosen_keeps_what_was_typed_and_says_what_is_missing(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    html = page(client, campaign)
    data = answer(html, "", comment="wait", flags=["broken"])
    response = client.post(desk(campaign), data)
    again = response.content.decode()
    assert response.status_code == 422
    assert "Overall has no answer yet." in again
    assert "is-error" in again
    assert (hidden(again, "key"), hidden(again, "assignment")) == (data["key"], data["assignment"])
    assert ">wait</textarea>" in again
    assert 'value="broken" checked' in again
    assert not Judgment.objects.exists()


def test_an_answer_off_the_menu_is_no_answer(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    response = client.post(desk(campaign), answer(page(client, campaign), "left:9"))
    assert response.status_code == 422
    assert not Judgment.objects.exists()


def test_a_double_submit_stores_one_answer(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    data = answer(page(client, campaign))
    assert client.post(desk(campaign), data).status_code == 302
    assert client.post(desk(campaign), data).status_code == 302
    assert Judgment.objects.count() == 1


def test_the_same_form_with_another_answer_is_refused(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    html = page(client, campaign)
    client.post(desk(campaign), answer(html, "left"))
    response = client.post(desk(campaign), answer(html, "right"))
    assert response.status_code == 409
    assert "The first answer counts." in response.content.decode()
    assert Judgment.objects.count() == 1


def test_a_second_tab_is_told_that_the_task_is_answered(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    first, second = page(client, campaign), page(client, campaign)
    assert hidden(first, "assignment") == hidden(second, "assignment")
    assert hidden(first, "key") != hidden(second, "key")
    client.post(desk(campaign), answer(first))
    response = client.post(desk(campaign), answer(second, "right"))
    assert response.status_code == 409
    assert "already submitted" in response.content.decode()
    assert "Next task" in response.content.decode()
    assert Judgment.objects.count() == 1


def test_an_error_page_takes_the_whole_body_of_an_htmx_page(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    first, second = page(client, campaign), page(client, campaign)
    client.post(desk(campaign), answer(first))
    response = client.post(desk(campaign), answer(second), **HTMX)
    assert response.status_code == 409
    assert response["HX-Retarget"] == "body"


def test_a_paused_campaign_takes_no_answer_and_shows_no_task(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    data = answer(page(client, campaign))
    campaigns.pause(campaign=campaign, by=factories.researcher_of(campaign))
    assert client.post(desk(campaign), data).status_code == 409
    response = client.get(desk(campaign))
    assert response.status_code == 409
    assert "takes no answers now" in response.content.decode()
    assert not Judgment.objects.exists()


def test_somebody_elses_task_is_refused(campaign, alice, as_):
    factories.task(campaign)
    bob = factories.evaluator(campaign, "bob")
    data = answer(page(as_(alice), campaign))
    response = as_(bob).post(desk(campaign), data)
    assert response.status_code == 409
    assert not Judgment.objects.exists()


def test_a_task_of_another_campaign_is_refused_at_this_desk(campaign, alice, as_):
    factories.task(campaign)
    other = factories.campaign()
    evaluators.qualify(
        enrollment=evaluators.apply(user=alice.user, campaign=other), by=factories.researcher_of(other), reason="passed"
    )
    client = as_(alice)
    data = answer(page(client, campaign))
    assert client.post(desk(other), data).status_code == 409
    assert not Judgment.objects.exists()


def test_an_applicant_gets_no_task_and_reads_why(campaign, as_):
    factories.task(campaign)
    charlie = factories.evaluator(campaign, "charlie", qualified=False)
    response = as_(charlie).get(desk(campaign))
    assert response.status_code == 403
    assert "Your application waits for a researcher." in response.content.decode()
    assert not Assignment.objects.exists()


def test_a_researcher_has_no_desk(campaign, as_):
    factories.task(campaign)
    assert as_(factories.researcher_of(campaign)).get(desk(campaign)).status_code == 404


def test_a_suspended_evaluator_cannot_submit_a_task_they_hold(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    data = answer(page(client, campaign))
    evaluators.suspend(enrollment=alice.enrollments.get(), by=factories.researcher_of(campaign), reason="checks")
    assert client.post(desk(campaign), data).status_code == 403
    assert not Judgment.objects.exists()


def test_skip_gives_the_task_back_and_shows_another(campaign, alice, as_):
    factories.task(campaign), factories.task(campaign)
    client = as_(alice)
    own = hidden(page(client, campaign), "assignment")
    url = reverse("evaluate-skip", args=[campaign.slug])
    response = client.post(url, {"assignment": own, "reason": "unsafe"}, follow=True)
    assert "Skipped." in response.content.decode()
    assert hidden(response.content.decode(), "assignment") != own
    skipped = Assignment.objects.get(public_id=own)
    assert (skipped.state, skipped.reason) == ("skipped", "unsafe")


def test_skip_without_a_reason_keeps_the_task(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    own = hidden(page(client, campaign), "assignment")
    response = client.post(reverse("evaluate-skip", args=[campaign.slug]), {"assignment": own})
    assert response.status_code == 422
    assert "Choose a reason, then skip." in response.content.decode()
    assert Assignment.objects.get(public_id=own).state == "leased"


def test_the_last_task_is_followed_by_a_plain_word(campaign, alice, as_):
    factories.task(campaign)
    client = as_(alice)
    response = client.post(desk(campaign), answer(page(client, campaign)), **HTMX)
    assert "No task for you now" in response.content.decode()
    assert "You have judged 1 task " in response.content.decode()


def test_graded_scales_store_how_much_better(as_):
    criteria = [CriterionDraft("help", "Helpfulness", levels=5), CriterionDraft("honesty", "Honesty", levels=7)]
    campaign = factories.campaign(criteria=criteria)
    alice = factories.evaluator(campaign)
    factories.task(campaign)
    client = as_(alice)
    html = page(client, campaign)
    assert html.count("Left much better") >= 2
    assert "Right slightly better" in html
    data = answer(html) | {"answer-help": "left:2", "answer-honesty": "tie"}
    assert client.post(desk(campaign), data).status_code == 302
    by_key = {judgment.criterion.key: judgment for judgment in Judgment.objects.all()}
    sign = 1 if by_key["help"].shown_order == "ab" else -1
    assert by_key["help"].strength == sign * 2
    assert (by_key["honesty"].outcome, by_key["honesty"].strength) == ("tie", 0)


def test_a_conversation_shows_how_many_messages_it_has(campaign, alice, as_):
    task = factories.task(campaign)
    task.prompt.messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    task.prompt.save()
    assert "2 messages" in page(as_(alice), campaign)


def test_a_content_warning_stands_before_the_texts(campaign, alice, as_):
    factories.task(campaign, content_warning="violence")
    html = page(as_(alice), campaign)
    assert "Content warning: violence." in html
    assert html.index('class="veil"') < html.index("says")


def test_the_desk_asks_the_database_a_fixed_number_of_questions(campaign, alice, as_, django_assert_num_queries):
    for _ in range(5):
        factories.task(campaign)
    client = as_(alice)
    page(client, campaign)
    # Session, user, seat, find, and the two that open and close the transaction's savepoint inside the test's own.
    with django_assert_num_queries(6):
        page(client, campaign)


CANARY = "canary"


def test_nothing_of_the_desk_names_a_system_an_id_or_gold(campaign, alice, as_):
    from annotation.models import Gold, Response
    from annotation.services import audit

    task = factories.task(campaign, system_a=f"{CANARY}-one", system_b=f"{CANARY}-two", pool="gold", tags=[CANARY])
    Response.objects.update(html="<p>words</p>", text="words")
    gold = Gold(task=task, outcome="a", justification=CANARY)
    audit.seal(gold)
    gold.save()
    # Nothing but known answers, so that this one is certain to come.
    campaign.__class__.objects.filter(pk=campaign.pk).update(gold_percent=100)
    client = as_(alice)
    seen = [client.get(desk(campaign))]
    data = answer(seen[0].content.decode())
    seen.append(client.post(desk(campaign), data | {"answer-overall": ""}))
    seen.append(client.post(desk(campaign), data, **HTMX))
    seen.append(client.post(desk(campaign), data | {"key": "another"}))
    for response in seen:
        text = response.content.decode() + str(response.headers) + str(client.cookies)
        assert CANARY not in text
        assert "gold" not in text.lower()
        for secret in (task.public_id, task.prompt.sha256, task.response_a.sha256, task.snapshot_sha256):
            assert str(secret) not in text


def test_two_evaluators_share_no_token_about_the_same_task(campaign, alice, as_):
    factories.task(campaign)
    bob = factories.evaluator(campaign, "bob")
    first, second = page(as_(alice), campaign), page(as_(bob), campaign)
    assert hidden(first, "assignment") != hidden(second, "assignment")


def test_a_reload_keeps_the_task_and_its_sides(campaign, alice, as_):
    for _ in range(3):
        factories.task(campaign)
    client = as_(alice)
    own = {hidden(page(client, campaign), "assignment") for _ in range(3)}
    assert len(own) == 1


def test_stored_html_is_shown_as_markup_and_htmx_leaves_it_alone(campaign, alice, as_):
    factories.task(campaign)
    html = page(as_(alice), campaign)
    assert re.search(r'<div class="prose" dir="auto" hx-disable>\s*<p>\w+ says', html)


def test_an_ended_session_reloads_the_page_instead_of_swapping_the_sign_in(campaign, client):
    response = client.get(desk(campaign), **HTMX)
    assert response["HX-Refresh"] == "true"
    assert client.get(desk(campaign)).status_code == 302


def test_held_leases_are_what_the_desk_shows(campaign, alice, as_):
    factories.task(campaign)
    held = assignments.next_for(annotator=alice, campaign=campaign)
    assert held is not None
    assert hidden(page(as_(alice), campaign), "assignment") == held.public_id
