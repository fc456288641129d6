import pytest

from annotation.models import JudgeConfig
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
BODY = {"name": "simulated", "family": "parametric", "base_url": "http://127.0.0.1:9/v1", "model": "m"}


@pytest.fixture
def started(monkeypatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr("annotation.jobs.judge.delay_on_commit", lambda *, config_id: found.append(config_id))
    return found


def test_a_judge_is_added_started_and_its_requests_are_counted(started):
    campaign = factories.campaign()
    for _ in range(2):
        factories.task(campaign)
    rita = clients.client(factories.researcher_of(campaign))
    address = f"{clients.API}/campaigns/{campaign.slug}/judges/"
    made = rita.post(address, BODY | {"settings": {"seed": 7, "temperature": 0.7}})
    assert made.status_code == 201, made.content
    begun = rita.post(f"{address}{made.json()['id']}/start/")
    assert (begun.status_code, begun.json()["planned"]) == (202, 4)
    assert started == [JudgeConfig.objects.get().pk] * 2
    (listed,) = rita.get(address).json()
    assert (listed["requests"], listed["settings"]["seed"], listed["settings"]["temperature"]) == (
        {"queued": 4},
        7,
        "0.7",
    )
    assert rita.post(f"{address}{made.json()['id']}/start/").json()["planned"] == 0


@pytest.mark.parametrize("wrong", [
    {"base_url": "http://169.254.169.254/"}, {"base_url": "http://10.0.0.1/v1"}, {"base_url": "https://u:p@example.org/"},
])  # fmt: skip
def test_judges_that_policy_forbids_are_refused(wrong):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    response = rita.post(f"{clients.API}/campaigns/{campaign.slug}/judges/", BODY | wrong)
    assert (response.status_code, response.json()["code"]) == (422, "judge_refused"), response.content
    assert not JudgeConfig.objects.exists()


@pytest.mark.parametrize("chosen", [
    {"temperature": "hot"}, {"temperature": -1}, {"temperature": True}, {"model_id": "x"}, {"unknown": 1},
    {"samples": 0}, {"orders": "ab"}, {"max_tokens": 2**40}, "x", [1], None,
])  # fmt: skip
def test_settings_outside_the_rules_are_refused(chosen):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    response = rita.post(f"{clients.API}/campaigns/{campaign.slug}/judges/", BODY | {"settings": chosen})
    assert (response.status_code, set(response.json()["errors"])) == (400, {"settings"})
    assert not JudgeConfig.objects.exists()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "ftp://x/", "javascript:alert(1)", "x", ""])
def test_addresses_of_other_schemes_are_refused(url):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    assert rita.post(f"{clients.API}/campaigns/{campaign.slug}/judges/", BODY | {"base_url": url}).status_code in {
        400,
        422,
    }
    assert not JudgeConfig.objects.exists()


def test_a_key_is_taken_and_never_given_back(started):
    campaign = factories.campaign()
    factories.task(campaign)
    rita = clients.client(factories.researcher_of(campaign))
    address, canary = f"{clients.API}/campaigns/{campaign.slug}/judges/", "sk-canary-0123456789"
    made = rita.post(address, BODY | {"api_key": canary, "price_in": "2", "price_out": "8"})
    one = f"{address}{made.json()['id']}"
    answers = [
        made,
        rita.get(address),
        rita.get(f"{one}/estimate/"),
        rita.post(f"{one}/start/", {"budget": "1.5"}),
        rita.post(f"{one}/run/", {"action": "pause"}),
        rita.post(f"{one}/endpoint/", {"max_concurrent": 2}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 202, 200, 200], answers[-1].content
    assert not [answer for answer in answers if canary in answer.content.decode()]
    assert answers[-1].json()["has_key"] is True
    assert answers[2].json()["calls"] == 42
    assert (answers[4].json()["state"], answers[4].json()["budget"]) == ("paused", "1.500000000")
    assert rita.post(f"{one}/endpoint/", {"base_url": "http://127.0.0.1:10/v1"}).json()["has_key"] is False
    assert rita.post(f"{one}/endpoint/", {"base_url": "http://169.254.169.254/"}).status_code == 422
    assert rita.post(f"{one}/run/", {"action": "stop"}).status_code == 400
