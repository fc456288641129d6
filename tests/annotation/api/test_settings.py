"""Researchers vet and collect through the API as on the pages."""

import pytest

from annotation.models import Campaign, Gold
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    made = factories.campaign()
    for _ in range(3):
        factories.task(made)
    return made


@pytest.fixture
def api(campaign):
    client = clients.client(factories.researcher_of(campaign))
    return lambda path, body: client.post(f"{clients.API}/campaigns/{campaign.slug}/{path}", body)


def test_known_answers_a_test_and_who_passes_it(campaign, api):
    for task in campaign.tasks.all():
        sent = api(f"tasks/{task.public_id}/gold/", {"outcome": "a", "justification": "b is wrong"})
        assert sent.status_code == 200
    assert Gold.objects.count() == 3
    shown = api("vetting/", {"size": 2, "training_size": 1}).json()
    assert (shown["size"], shown["line"], shown["training_size"]) == (2, 1, 1)
    assert shown["curve"][5]["first"] == pytest.approx(0.99)
    refused = api("vetting/", {"size": 3, "training_size": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "setting_refused")


def test_limits_are_set_whole_and_a_contradiction_is_refused(campaign, api):
    shown = api("limits/", {"daily_cap": 5, "deadline": "2031-01-01T00:00:00Z"}).json()
    assert shown == {"daily_cap": 5, "total_cap": 0, "deadline": "2031-01-01T00:00:00Z", "repeat_percent": 0}
    assert api("limits/", {"daily_cap": 5, "total_cap": 2}).json()["code"] == "limits_refused"
    assert Campaign.objects.get(pk=campaign.pk).daily_cap == 5


def test_a_rubric_and_a_consent_get_their_next_version(campaign, api):
    sent = api("rubrics/", {"guide": "Read both.", "criteria": [{"key": "help", "name": "Help"}]})
    assert (sent.status_code, sent.json()["version"], sent.json()["tasks_moved"]) == (201, 2, 3)
    same = api("rubrics/", {"guide": "Read both.", "criteria": [{"key": "help", "name": "Help"}]})
    assert (same.status_code, same.json()["code"]) == (422, "rubric_refused")
    assert [api("consents/", {"text": text}).json()["version"] for text in "ab"] == [1, 2]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("vetting/", {"size": -1}),
        ("vetting/", {"size": 1, "gold": 3}),
        ("vetting/", {"size": "x"}),
        ("limits/", {"repeat_percent": 21}),
        ("limits/", {"deadline": "soon"}),
        ("consents/", {"text": ""}),
        ("consents/", {"text": "x" * 20_001}),
        ("rubrics/", {"criteria": []}),
        ("rubrics/", {"criteria": [{"key": "a", "name": "A"}, {"key": "a", "name": "B"}]}),
        ("rubrics/", {"criteria": [{"key": "a", "name": "A", "scale": "rating"}]}),
    ],
)
def test_a_hostile_setting_is_refused(campaign, api, path, body):
    assert api(path, body).status_code in {400, 422}
    assert (campaign.rubrics.count(), campaign.consents.count()) == (1, 0)
