"""What no honest page sends: each form answers with a clear refusal, stores nothing and never breaks."""

import pytest
from django.db import connection
from django.urls import reverse

from annotation.models import Assignment, Gold, Judgment, QualificationAnswer, Rubric, User
from annotation.services import assignments, golds, judgments, vetting
from tests import factories

pytestmark = pytest.mark.django_db
LONG = "x" * 1_000_000
SURROGATE = b"%ED%A0%80"
NUL = b"%00"


@pytest.fixture
def rita():
    return factories.rita()


@pytest.fixture
def campaign(rita):
    made = factories.campaign(rita, overlap=2)
    for _ in range(3):
        factories.task(made)
    return made


@pytest.fixture
def held(campaign, alice):
    return assignments.next_for(annotator=alice, campaign=campaign)


def strict(client):
    client.raise_request_exception = False
    return client


def post(client, address, fields: dict[str, bytes | str]):
    body = b"&".join(k.encode() + b"=" + (v if isinstance(v, bytes) else v.encode()) for k, v in fields.items())
    return client.post(address, body, content_type="application/x-www-form-urlencoded")


ANSWERS = {
    "no key": {"key": ""},
    "a key beyond its length": {"key": "k" * 101},
    "a key with NUL": {"key": NUL},
    "an id with NUL": {"assignment": NUL},
    "an id of a half character": {"assignment": SURROGATE},
    "an id that is SQL": {"assignment": "' or 1=1 --"},
    "no id": {"assignment": ""},
    "a comment of a megabyte": {"comment": LONG},
    "a comment with NUL": {"comment": NUL},
    "a negative time": {"active_ms": "-1"},
    "a time beyond a day": {"active_ms": "99999999999"},
    "a time in words": {"active_ms": "soon"},
    "an unknown flag": {"flags": "gold"},
    "a judge's non-verdict": {"answer-overall": "abstain"},
    "a canonical outcome": {"answer-overall": "a"},
    "a strength nobody offers": {"answer-overall": "left:3"},
    "a half character for an answer": {"answer-overall": SURROGATE},
    "no answer": {"answer-overall": ""},
}


@pytest.mark.parametrize("wrong", ANSWERS.values(), ids=ANSWERS)
def test_a_hostile_answer_is_refused_and_stores_nothing(campaign, alice, held, as_, wrong):
    fields = {"assignment": held.public_id, "key": "k", "answer-overall": "left"} | wrong
    response = post(strict(as_(alice)), reverse("evaluate", args=[campaign.slug]), fields)
    assert response.status_code in {409, 413, 422, 400}
    assert not Judgment.objects.exists()
    held.refresh_from_db()
    assert held.state == "leased"


def test_fields_that_nobody_asked_for_change_nothing(campaign, alice, held, as_):
    fields = {"assignment": held.public_id, "key": "k", "answer-overall": "left"}
    more = {"outcome": "b", "shown_order": "ba", "annotator": "1", "round": "5", "weight": "9", "provenance": "import"}
    assert as_(alice).post(reverse("evaluate", args=[campaign.slug]), fields | more).status_code == 302
    stored = Judgment.objects.get()
    assert (stored.annotator, stored.round, stored.provenance) == (alice, 0, "live")
    assert stored.outcome == ("a" if held.shown_order == "ab" else "b")


def test_anothers_task_a_lost_lease_and_a_replay_are_told_apart(campaign, alice, held, as_):
    bob = factories.evaluator(campaign)
    address = reverse("evaluate", args=[campaign.slug])
    fields = {"assignment": held.public_id, "key": "k", "answer-overall": "left"}
    assert as_(bob).post(address, fields).status_code == 409
    with connection.cursor() as cursor:
        cursor.execute(
            "update annotation_assignment set leased_at = now() - interval '1 day', expires_at = now() - interval '1 s'"
        )
    for _ in range(2):
        factories.judgment(factories.evaluator(campaign), campaign)
    fills = [factories.evaluator(campaign) for _ in range(6)]
    for person in fills:
        assignments.next_for(annotator=person, campaign=campaign)
    response = as_(alice).post(address, fields)
    assert response.status_code == 409
    assert "went to somebody else" in response.content.decode()
    assert not Judgment.objects.filter(annotator=alice).exists()


SKIPS = [{"reason": ""}, {"reason": "because"}, {"reason": NUL}, {"assignment": NUL}, {"assignment": SURROGATE}, {}]


@pytest.mark.parametrize("wrong", SKIPS[:-1], ids=str)
@pytest.mark.parametrize("page", ["evaluate-skip", "evaluate-undo"])
def test_a_hostile_skip_or_undo_changes_nothing(campaign, alice, held, as_, page, wrong):
    fields = {"assignment": held.public_id, "reason": "broken"} | wrong
    if page == "evaluate-undo" and "reason" in wrong:
        fields["assignment"] = "x" * 5_000
    response = post(strict(as_(alice)), reverse(page, args=[campaign.slug]), fields)
    assert response.status_code in {409, 422}
    held.refresh_from_db()
    assert held.state == "leased"


DRAFTS = [
    {"content": "x" * 30_001},
    {"content": NUL},
    {"revision": "-1"},
    {"revision": "9" * 30},
    {"revision": "x"},
    {"revision": "7"},
    {"public_id": NUL},
    {"public_id": "x" * 23},
    {"public_id": ""},
    {"content": LONG},
]


@pytest.mark.parametrize("wrong", DRAFTS, ids=lambda one: str(one)[:40])
def test_a_hostile_draft_is_not_kept(campaign, alice, held, as_, wrong):
    fields = {"public_id": held.public_id, "content": "comment=x", "revision": "0"} | wrong
    response = post(strict(as_(alice)), reverse("evaluate-draft", args=[campaign.slug]), fields)
    assert response.status_code in {409, 422}
    assert Assignment.objects.get().draft == ""


TESTS = [
    {"place": "2"},
    {"place": "0"},
    {"place": "x"},
    {"place": "9" * 40},
    {"attempt": "2"},
    {"attempt": ""},
    {"answer-overall": "a"},
    {"answer-overall": "left:2"},
    {"answer-overall": NUL},
    {"answer-overall": ""},
]


@pytest.mark.parametrize("wrong", TESTS, ids=str)
def test_a_hostile_answer_of_the_test_counts_for_nothing(campaign, rita, as_, wrong):
    for number in range(2):
        golds.set_answer(task=factories.task(campaign), outcome="ab"[number], justification="so", by=rita)
    vetting.set_test(campaign=campaign, size=2, line=2, gold_percent=0, by=rita)
    bob = factories.evaluator(campaign, qualified=False)
    vetting.start(enrollment=bob.enrollments.get())
    fields = {"attempt": "1", "place": "1", "answer-overall": "left"} | wrong
    response = post(strict(as_(bob)), reverse("qualification", args=[campaign.slug]), fields)
    assert response.status_code in {302, 422}
    assert not QualificationAnswer.objects.exclude(outcome="").exists()


def test_the_test_names_no_system_no_outcome_and_no_id_of_the_record(campaign, rita, as_):
    task = factories.task(campaign, system_a="canary-one", system_b="canary-two")
    task.response_a.__class__.objects.filter(prompt=task.prompt).update(html="<p>words</p>", text="words")
    golds.set_answer(task=task, outcome="a", justification="canary-reason", by=rita)
    vetting.set_test(campaign=campaign, size=1, line=1, gold_percent=0, by=rita)
    bob = factories.evaluator(campaign, qualified=False)
    vetting.start(enrollment=bob.enrollments.get())
    page = as_(bob).get(reverse("qualification", args=[campaign.slug]))
    seen = page.content.decode() + str(page.headers)
    assert "words" in seen
    for secret in ("canary", str(task.public_id), task.snapshot_sha256, task.response_a.sha256):
        assert secret not in seen


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("vetting-test", {"size": "-1", "line": "1", "gold_percent": "10"}),
        ("vetting-test", {"size": "24", "line": "18", "gold_percent": "10"}),
        ("vetting-test", {"size": "x", "line": NUL, "gold_percent": "51"}),
        ("vetting-consent", {"text": ""}),
        ("vetting-consent", {"text": LONG}),
        ("vetting-consent", {"text": NUL}),
        ("campaign-rubric", {"guide": "x"}),
        ("campaign-rubric", {"criteria-TOTAL_FORMS": "999999", "criteria-INITIAL_FORMS": "-1"}),
        ("campaign-rubric", {"criteria-TOTAL_FORMS": "1", "criteria-INITIAL_FORMS": "0", "criteria-0-name": NUL}),
    ],
)
def test_a_hostile_setting_is_refused(campaign, rita, as_, page, fields):
    before = (campaign.qualification_size, Rubric.objects.count())
    response = post(strict(as_(rita)), reverse(page, args=[campaign.slug]), fields)
    assert response.status_code == 422
    campaign.refresh_from_db()
    assert (campaign.qualification_size, Rubric.objects.count()) == before
    assert not campaign.consents.exists()


def test_evaluators_reach_no_page_of_vetting(campaign, alice, rita, as_):
    task = campaign.tasks.first()
    client = as_(alice)
    for address in (
        reverse("campaign-vetting", args=[campaign.slug]),
        reverse("campaign-rubric", args=[campaign.slug]),
        reverse("gold", args=[campaign.slug, task.public_id]),
    ):
        assert client.get(address).status_code == 404
    response = client.post(
        reverse("gold", args=[campaign.slug, task.public_id]), {"outcome": "a", "justification": "x"}
    )
    assert response.status_code == 404
    assert not Gold.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"skip": "<script>"}, {"skip": "1"}, {"skip": "g"}, {"skip": NUL}, {"skip": "x" * 400}], ids=str
)
def test_keys_come_from_a_closed_list_and_each_has_one_meaning(alice, as_, wrong):
    fields = {"tie": "t", "skip": "s", "guide": "g"} | wrong
    assert post(strict(as_(alice)), reverse("account-keys"), fields).status_code == 422
    assert User.objects.get(pk=alice.user_id).keys == {}


def test_two_tabs_store_one_answer(campaign, alice, held, as_):
    client, address = as_(alice), reverse("evaluate", args=[campaign.slug])
    fields = {"assignment": held.public_id, "answer-overall": "left"}
    assert client.post(address, fields | {"key": "one"}).status_code == 302
    assert client.post(address, fields | {"key": "two"}).status_code == 409
    assert Judgment.objects.count() == 1
    assert judgments.MAX_IDEMPOTENCY_KEY == 100
