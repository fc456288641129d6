import json

import pytest
from django.urls import reverse

from annotation.models import AuditEvent
from annotation.services import assignments, golds, judgments
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return factories.campaign()


@pytest.fixture
def rita(campaign):
    return factories.researcher_of(campaign)


def people(campaign) -> str:
    return reverse("campaign-people", args=[campaign.slug])


def decide(client, enrollment, **data):
    url = reverse("enrollment-decide", args=[enrollment.campaign.slug, enrollment.pk])
    return client.post(url, data, follow=True)


def last_action() -> str:
    return json.loads(bytes(AuditEvent.objects.latest("pk").body))["action"]


def test_accepting_an_applicant_gives_them_tasks(campaign, rita, as_):
    enrollment = factories.evaluator(campaign, "charlie", qualified=False).enrollments.get()
    response = decide(as_(rita), enrollment, action="accept", reason="passed the test")
    enrollment.refresh_from_db()
    assert (enrollment.state, enrollment.reason) == ("qualified", "passed the test")
    assert "gets tasks now." in response.content.decode()
    assert last_action() == "annotator.qualify"


def test_suspending_needs_a_reason_that_the_person_reads(campaign, rita, as_):
    alice = factories.evaluator(campaign, "alice")
    enrollment = alice.enrollments.get()
    response = decide(as_(rita), enrollment, action="suspend")
    assert response.status_code == 422
    assert "Give a reason; the person reads it." in response.content.decode()
    decide(as_(rita), enrollment, action="suspend", reason="Too fast.")
    enrollment.refresh_from_db()
    assert enrollment.state == "suspended"
    assert last_action() == "annotator.suspend"
    assert "Too fast." in as_(alice).get("/evaluate/").content.decode()


def test_an_unknown_decision_changes_nothing(campaign, rita, as_):
    enrollment = factories.evaluator(campaign).enrollments.get()
    assert decide(as_(rita), enrollment, action="promote").status_code == 422
    enrollment.refresh_from_db()
    assert enrollment.state == "qualified"


def test_the_standing_of_another_campaign_is_not_found_here(campaign, rita, as_):
    elsewhere = factories.evaluator(factories.campaign(), qualified=False).enrollments.get()
    url = reverse("enrollment-decide", args=[campaign.slug, elsewhere.pk])
    assert as_(rita).post(url, {"action": "accept"}).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.state == "applied"


def test_a_new_auditor_reads_the_campaign_from_then_on(campaign, rita, as_):
    olga = factories.user("olga")
    url = reverse("member-add", args=[campaign.slug])
    assert as_(olga).get(people(campaign)).status_code == 404
    response = as_(rita).post(url, {"username": "olga", "role": "auditor"}, follow=True)
    assert "olga is an auditor here now." in response.content.decode()
    assert as_(olga).get(people(campaign)).status_code == 200
    assert last_action() == "permission.change"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"username": "nobody", "role": "auditor"}, "Nobody here has this user name."),
        ({"username": "olga", "role": "owner"}, "Select a valid choice."),
        ({"username": "", "role": "auditor"}, "This field is required."),
    ],
)
def test_a_member_who_cannot_be_added_is_named(campaign, rita, as_, data, message):
    factories.user("olga")
    response = as_(rita).post(reverse("member-add", args=[campaign.slug]), data)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert campaign.memberships.count() == 1


def test_the_page_counts_each_persons_answered_tasks(campaign, rita, as_):
    alice = factories.evaluator(campaign, "alice")
    for _ in range(3):
        factories.task(campaign)
    factories.judgment(alice, campaign), factories.judgment(alice, campaign)
    rows = as_(rita).get(people(campaign)).context["enrollments"]
    assert [row.answered for row in rows] == [2]
    assert [row.today for row in rows] == [2]


def test_the_page_says_how_fast_and_how_well_each_person_works(campaign, rita, alice, as_):
    for number, side in enumerate(("a", "b", "a")):
        golds.set_answer(task=factories.task(campaign), outcome=side, justification="x", by=rita)
        held = assignments.next_for(annotator=alice, campaign=set_gold(campaign))
        call = {"by": alice, "assignment_id": held.public_id, "idempotency_key": held.public_id}
        left = "left" if held.shown_order == "ab" else "right"
        answers = {"overall": judgments.Answer(left)}
        judgments.submit(**call, answers=answers, active_ms=1_000 * (number + 1) ** 2)
    row = as_(rita).get(people(campaign)).context["enrollments"][0]
    assert (row.known, row.known_right, row.seconds) == (3, 2, 4.0)


def set_gold(campaign):
    """Let every task of the stream be one with a known answer."""
    campaign.gold_percent = 100
    campaign.save()
    return campaign


def test_the_page_asks_the_database_the_same_for_one_person_or_many(campaign, rita, as_, django_assert_num_queries):
    client = as_(rita)
    for wanted in (1, 5):
        while campaign.enrollments.count() < wanted:
            factories.evaluator(campaign)
        with django_assert_num_queries(8):
            client.get(people(campaign))
