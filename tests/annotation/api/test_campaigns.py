import pytest

from annotation.models import AuditEvent, Campaign, Criterion, Enrollment, Membership
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
CAMPAIGNS = f"{clients.API}/campaigns/"


def test_a_researcher_creates_opens_and_closes_a_campaign():
    rita = clients.client(factories.rita())
    criteria = [
        {"key": "helpful", "name": "Helpful", "levels": 5},
        {"key": "honest", "name": "Honest", "allow_tie": False},
    ]
    body = {"name": "Letters", "slug": "letters", "overlap": 2, "guide": "# Read both", "criteria": criteria}
    response = rita.post(CAMPAIGNS, body)
    assert response.status_code == 201, response.content
    made = response.json()
    assert (made["state"], made["overlap"], made["rubric"]["version"]) == ("draft", 2, 1)
    assert [criterion["key"] for criterion in made["rubric"]["criteria"]] == ["helpful", "honest"]
    assert Criterion.objects.get(key="honest").allow_tie is False
    for action, state in (("open", "open"), ("pause", "paused"), ("open", "open"), ("close", "closed")):
        assert rita.post(f"{CAMPAIGNS}letters/state/", {"action": action}).json()["state"] == state
    assert rita.post(f"{CAMPAIGNS}letters/state/", {"action": "delete"}).status_code == 400
    assert [row["slug"] for row in rita.get(CAMPAIGNS).json()["results"]] == ["letters"]
    assert rita.get(f"{CAMPAIGNS}letters/").json()["rubric"]["guide"] == "# Read both"


def test_a_slug_is_taken_once():
    rita = clients.client(factories.rita())
    assert rita.post(CAMPAIGNS, {"name": "A", "slug": "a"}).status_code == 201
    again = rita.post(CAMPAIGNS, {"name": "B", "slug": "a"})
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")
    assert Campaign.objects.get().name == "A"


def test_nothing_is_created_when_the_audit_fails(monkeypatch):
    rita = clients.client(factories.rita())

    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("annotation.services.audit._insert", fail)
    with pytest.raises(RuntimeError, match="full"):
        rita.post(CAMPAIGNS, {"name": "A", "slug": "a"})
    assert not Campaign.objects.exists()


def test_a_researcher_names_members_by_their_user_name():
    campaign = factories.campaign()
    rita, olga = clients.client(factories.researcher_of(campaign)), factories.user("olga")
    members = f"{CAMPAIGNS}{campaign.slug}/members/"
    assert rita.post(members, {"username": "olga", "role": "auditor"}).json() == {"username": "olga", "role": "auditor"}
    unknown = rita.post(members, {"username": "nobody", "role": "auditor"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_user")
    assert rita.post(members, {"username": "olga", "role": "admin"}).status_code == 400
    assert {"username": "olga", "role": "auditor"} in rita.get(members).json()
    assert Membership.objects.get(user=olga).role == "auditor"
    assert clients.client(olga).get(f"{CAMPAIGNS}{campaign.slug}/").status_code == 200


def test_a_researcher_accepts_and_suspends_with_a_reason():
    campaign = factories.campaign()
    charlie = factories.evaluator(campaign, qualified=False)
    rita = clients.client(factories.researcher_of(campaign))
    address = f"{CAMPAIGNS}{campaign.slug}/enrollments/"
    (listed,) = rita.get(address).json()["results"]
    assert (listed["annotator"], listed["state"]) == (str(charlie.public_id), "applied")
    for decision, state in (("accept", "qualified"), ("suspend", "suspended")):
        answer = rita.post(f"{address}{charlie.public_id}/", {"decision": decision, "reason": "as agreed"})
        assert (answer.json()["state"], answer.json()["reason"]) == (state, "as agreed")
    assert rita.post(f"{address}{charlie.public_id}/", {"decision": "accept", "reason": " "}).status_code == 400
    assert Enrollment.objects.get().state == "suspended"
    actions = [bytes(event.body) for event in AuditEvent.objects.all()]
    assert sum(b'"annotator.qualify"' in body for body in actions) == 1
    assert sum(b'"annotator.suspend"' in body for body in actions) == 1
