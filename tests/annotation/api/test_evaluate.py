import uuid

import pytest

from annotation.models import Enrollment, Judgment, System, Task
from annotation.services import campaigns, evaluators
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
CANARY = "canary-system"
ANSWER = {"answers": {"overall": {"side": "left"}}}


def seat(**kwargs):
    campaign = factories.campaign(**kwargs)
    alice = factories.evaluator(campaign)
    return campaign, alice, clients.client(alice.user)


def take(client, campaign):
    return client.post(f"{clients.API}/campaigns/{campaign.slug}/next/")


def submit(client, public_id, body=ANSWER, key="key-1"):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key is not None else {}
    return client.post(f"{clients.API}/assignments/{public_id}/judgments/", body, **headers)


def test_a_task_is_taken_answered_and_followed_by_the_next_until_none_is_left():
    campaign, alice, client = seat()
    for _ in range(2):
        factories.task(campaign)
    answered = set()
    while (response := take(client, campaign)).status_code == 200:
        shown = response.json()
        assert take(client, campaign).json() == shown
        assert submit(client, shown["id"], key=shown["id"]).status_code == 201
        answered.add(shown["id"])
    assert response.status_code == 204
    assert len(answered) == Judgment.objects.filter(annotator=alice).count() == 2


def test_the_task_shows_both_texts_in_the_shown_order_and_the_menu():
    campaign, alice, client = seat()
    task = factories.task(campaign, content_warning="medical detail")
    shown = take(client, campaign).json()
    order = alice.assignments.get().shown_order
    sides = [shown["left"]["text"], shown["right"]["text"]]
    canonical = [task.response_a.text, task.response_b.text]
    assert sides == (canonical if order == "ab" else canonical[::-1])
    assert shown["criteria"] == [
        {"key": "overall", "name": "Overall", "question": "Which serves the person better?",
         "scale": "comparison", "menu": ["left", "right", "tie", "both_bad"], "strength_max": None}
    ]  # fmt: skip
    assert shown["prompt"]["messages"] == task.prompt.messages
    assert shown["content_warning"] == "medical detail"
    assert set(shown) == {
        "id", "criteria", "guide_html", "prompt", "left", "right", "content_warning", "expires_at",
    }  # fmt: skip


def test_nothing_an_evaluator_receives_names_system_task_response_or_gold():
    campaign, alice, client = seat()
    task = factories.task(campaign, system_a=CANARY, system_b="canary-other", prompt="canary-prompt", pool="gold")
    task.tags = ["canary-tag"]
    task.save()
    task.prompt.messages = [{"role": "user", "content": "Why?", "name": "canary-name"}]
    task.prompt.html = "<p>Why?</p>"
    task.prompt.extra = {"canary": "canary-extra"}
    task.prompt.save()
    for side in (task.response_a, task.response_b):
        side.text, side.html = "plain words", "<p>plain words</p>"
        side.save()
    response = take(client, campaign)
    public_id = response.json()["id"]
    answer = submit(client, public_id)
    seen = b"".join(str(r.headers).encode() + r.content for r in (response, answer, submit(client, public_id)))
    secrets = [str(task.public_id), task.snapshot_sha256, task.response_a.sha256, "gold", "canary"]
    assert [secret for secret in secrets if secret.encode() in seen] == []
    assert System.objects.filter(key=CANARY).exists()
    assert Task.objects.get().pool == "gold"


def test_two_evaluators_of_one_task_share_no_id():
    campaign, _, client = seat()
    factories.task(campaign)
    bob = clients.client(factories.evaluator(campaign).user)
    first, second = take(client, campaign).json(), take(bob, campaign).json()
    assert first["id"] != second["id"]
    assert first["prompt"] == second["prompt"]


def test_a_replay_answers_the_stored_receipt_and_stores_nothing():
    campaign, _, client = seat()
    factories.task(campaign)
    public_id = take(client, campaign).json()["id"]
    first, again = submit(client, public_id), submit(client, public_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = submit(client, public_id, {"answers": {"overall": {"side": "right"}}})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    late = submit(client, public_id, key="key-2")
    assert (late.status_code, late.json()["code"]) == (409, "assignment_closed")
    assert Judgment.objects.count() == 1


@pytest.mark.parametrize(("key", "code"), [
    (None, "idempotency_key_missing"), ("", "idempotency_key_missing"), ("  ", "idempotency_key_missing"),
    ("k" * 101, "idempotency_key_bad"), ("k\xe9", "idempotency_key_bad"),
])  # fmt: skip
def test_an_answer_needs_a_sound_idempotency_key(key, code):
    campaign, _, client = seat()
    factories.task(campaign)
    response = submit(client, take(client, campaign).json()["id"], key=key)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not Judgment.objects.exists()


@pytest.mark.parametrize(("answers", "status"), [
    ({}, 422), ({"overall": {"side": "middle"}}, 422), ({"overall": {"side": "invalid"}}, 422),
    ({"overall": {"side": "abstain"}}, 422), ({"overall": {"side": "left"}, "other": {"side": "left"}}, 422),
    ({"overall": {"side": "left", "strength": 2}}, 422), ({"overall": {"side": "left", "strength": 2**40}}, 400),
    ({"overall": "left"}, 400), ([], 400), ("left", 400), (None, 400), ({"overall": {}}, 400),
])  # fmt: skip
def test_answers_that_the_rubric_does_not_offer_are_refused(answers, status):
    campaign, _, client = seat()
    factories.task(campaign)
    response = submit(client, take(client, campaign).json()["id"], {"answers": answers})
    assert response.status_code == status, response.json()
    assert response.json()["code"] == ("answer_refused" if status == 422 else "invalid")
    assert not Judgment.objects.exists()


def test_graded_criteria_ask_for_a_strength_and_store_it_in_canonical_order():
    criteria = [campaigns.CriterionDraft("overall", "Overall", levels=7, allow_both_bad=False)]
    campaign, alice, client = seat(criteria=criteria)
    factories.task(campaign)
    shown = take(client, campaign).json()
    assert shown["criteria"][0]["menu"] == ["left", "right", "tie"]
    assert shown["criteria"][0]["strength_max"] == 3
    assert submit(client, shown["id"]).json()["code"] == "answer_refused"
    assert submit(client, shown["id"], {"answers": {"overall": {"side": "left", "strength": 2}}}).status_code == 201
    stored = Judgment.objects.get(annotator=alice)
    assert (stored.outcome, stored.strength) == (("a", 2) if stored.shown_order == "ab" else ("b", -2))


def test_time_comment_and_flags_are_stored_and_unknown_flags_refused():
    campaign, _, client = seat()
    factories.task(campaign)
    public_id = take(client, campaign).json()["id"]
    assert submit(client, public_id, ANSWER | {"flags": ["free text"]}).status_code == 400
    assert submit(client, public_id, ANSWER | {"active_ms": -1}).status_code == 400
    extra = {"flags": ["unsafe", "broken"], "active_ms": 4_200, "comment": "left is cut off"}
    assert submit(client, public_id, ANSWER | extra).status_code == 201
    stored = Judgment.objects.get()
    assert (stored.flags, stored.active_ms, stored.comment) == (["broken", "unsafe"], 4_200, "left is cut off")


def test_a_skipped_task_does_not_come_back():
    campaign, alice, client = seat()
    factories.task(campaign)
    public_id = take(client, campaign).json()["id"]
    assert client.post(f"{clients.API}/assignments/{public_id}/skip/", {"reason": "why not"}).status_code == 400
    assert client.post(f"{clients.API}/assignments/{public_id}/skip/", {"reason": "broken"}).status_code == 204
    assert take(client, campaign).status_code == 204
    assert alice.assignments.get().state == "skipped"


def test_only_vetted_evaluators_of_an_open_campaign_get_tasks():
    campaign, alice, client = seat()
    factories.task(campaign)
    charlie = factories.evaluator(campaign, qualified=False)
    waiting = take(clients.client(charlie.user), campaign)
    assert (waiting.status_code, waiting.json()["code"]) == (403, "not_vetted")
    rita = factories.researcher_of(campaign)
    public_id = take(client, campaign).json()["id"]
    campaigns.pause(campaign=campaign, by=rita)
    for response in (take(client, campaign), submit(client, public_id)):
        assert (response.status_code, response.json()["code"]) == (409, "campaign_not_open")
    campaigns.open_(campaign=campaign, by=rita)
    evaluators.suspend(enrollment=Enrollment.objects.get(annotator=alice), by=rita, reason="pattern")
    assert (take(client, campaign).status_code, submit(client, public_id).status_code) == (403, 409)
    assert not Judgment.objects.exists()


def test_applying_shows_the_standing_and_a_draft_campaign_is_unknown_to_strangers():
    draft, campaign = factories.campaign(is_open=False), factories.campaign()
    stranger = clients.client(factories.user())
    assert stranger.post(f"{clients.API}/campaigns/{draft.slug}/apply/").status_code == 404
    assert stranger.post(f"{clients.API}/campaigns/{uuid.uuid4()}/apply/").status_code == 404
    assert stranger.post(f"{clients.API}/campaigns/{campaign.slug}/apply/").json()["state"] == "applied"
    (standing,) = stranger.get(f"{clients.API}/enrollments/").json()["results"]
    assert (standing["campaign"], standing["state"]) == (campaign.slug, "applied")
