from typing import Any

import pytest
from django.urls import reverse

from annotation import jobs
from annotation.models import JudgeConfig, JudgeRequest
from annotation.services import judging
from tests import factories

pytestmark = pytest.mark.django_db
CANARY = "sk-canary-0123456789"
GOOD: dict[str, Any] = {"name": "Quill-S", "family": "quill", "base_url": "http://127.0.0.1:9/v1", "model": "quill-s-1"}


@pytest.fixture(autouse=True)
def local_judges(settings) -> None:
    settings.JUDGE_ALLOWED_HOSTS = ["127.0.0.1"]


@pytest.fixture
def campaign():
    return factories.campaign()


@pytest.fixture
def rita(campaign):
    return factories.researcher_of(campaign)


def page(campaign) -> str:
    return reverse("campaign-judges", args=[campaign.slug])


def test_a_judge_is_frozen_and_listed(campaign, rita, as_):
    response = as_(rita).post(page(campaign), GOOD, follow=True)
    config = JudgeConfig.objects.get()
    assert (config.annotator.name, config.annotator.kind, config.settings["model_id"]) == (
        "Quill-S",
        "judge",
        "quill-s-1",
    )
    assert "Quill-S is set and frozen." in response.content.decode()
    assert "quill-s-1" in response.content.decode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"base_url": "nonsense"}, "Enter a valid URL."),
        ({"base_url": "http://169.254.169.254/latest"}, "169.254"),
    ],
)
def test_a_judge_that_cannot_be_added_says_why(campaign, rita, as_, wrong, message):
    response = as_(rita).post(page(campaign), GOOD | wrong)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not JudgeConfig.objects.exists()


def test_the_same_judge_is_not_added_twice(campaign, rita, as_):
    as_(rita).post(page(campaign), GOOD)
    response = as_(rita).post(page(campaign), GOOD | {"name": "Copy"})
    assert response.status_code == 422
    assert "has a judge with exactly this configuration already" in response.content.decode()


def test_a_key_is_kept_sealed_and_never_shown(campaign, rita, as_):
    client = as_(rita)
    client.post(page(campaign), GOOD | {"api_key": CANARY})
    endpoint = JudgeConfig.objects.get().endpoint
    assert endpoint.has_key
    assert CANARY.encode() not in bytes(endpoint.sealed_key)
    change = reverse("judge-endpoint", args=[campaign.slug, JudgeConfig.objects.get().pk])
    for address in (page(campaign), change):
        assert CANARY not in client.get(address).content.decode()
    wrong = client.post(page(campaign), GOOD | {"api_key": CANARY, "name": ""})
    assert (wrong.status_code, CANARY in wrong.content.decode()) == (422, False)


def test_a_changed_address_forgets_the_key(campaign, rita, as_):
    client = as_(rita)
    client.post(page(campaign), GOOD | {"api_key": CANARY})
    config = JudgeConfig.objects.get()
    body = {"requests_per_minute": 60, "tokens_per_minute": 0, "max_concurrent": 2}
    change = reverse("judge-endpoint", args=[campaign.slug, config.pk])
    client.post(change, body | {"base_url": GOOD["base_url"]})
    config.endpoint.refresh_from_db()
    assert (config.endpoint.has_key, config.endpoint.requests_per_minute) == (True, 60)
    response = client.post(change, body | {"base_url": "http://127.0.0.1:10/v1"}, follow=True)
    assert "It holds no key." in response.content.decode()
    config.endpoint.refresh_from_db()
    assert not config.endpoint.has_key
    assert client.post(change, body | {"base_url": "http://169.254.169.254/v1"}).status_code == 422


def test_a_run_is_paused_resumed_and_cancelled_from_the_page(campaign, rita, as_, monkeypatch):
    monkeypatch.setattr(jobs.judge, "delay_on_commit", lambda *, config_id: None)
    factories.task(campaign)
    client = as_(rita)
    client.post(page(campaign), GOOD)
    config = JudgeConfig.objects.get()
    client.post(reverse("judge-start", args=[campaign.slug, config.pk]), {"budget": "2.5"})
    states = []
    for action in ("pause", "resume", "cancel"):
        client.post(reverse(f"judge-{action}", args=[campaign.slug, config.pk]))
        states.append(config.runs.get().state)
    assert states == ["paused", "running", "cancelled"]
    assert config.runs.get().budget == 2.5
    assert client.post(reverse("judge-pause", args=[campaign.slug, config.pk])).status_code == 404


def test_starting_plans_both_orders_of_every_task_once(campaign, rita, as_, monkeypatch):
    queued: list[int] = []
    monkeypatch.setattr(jobs.judge, "delay_on_commit", lambda *, config_id: queued.append(config_id))
    factories.task(campaign), factories.task(campaign)
    client = as_(rita)
    client.post(page(campaign), GOOD)
    config = JudgeConfig.objects.get()
    start = reverse("judge-start", args=[campaign.slug, config.pk])
    assert "4 new requests are queued for Quill-S." in client.post(start, follow=True).content.decode()
    assert "0 new requests" in client.post(start, follow=True).content.decode()
    tasks = JudgeRequest.objects.filter(probe="")
    assert sorted(tasks.values_list("shown_order", flat=True)) == ["ab", "ab", "ba", "ba"]
    assert JudgeRequest.objects.exclude(probe="").count() == 40
    assert queued == [config.pk] * 4


def test_a_judge_of_another_campaign_is_not_started_here(campaign, rita, as_):
    other = factories.campaign()
    judging.add_judge(campaign=other, by=factories.researcher_of(other), **GOOD)
    start = reverse("judge-start", args=[campaign.slug, JudgeConfig.objects.get().pk])
    assert as_(rita).post(start).status_code == 404
    assert not JudgeRequest.objects.exists()


def test_an_auditor_starts_no_judge(campaign, rita, as_):
    from annotation.models import Membership
    from annotation.services import campaigns

    olga = factories.user("olga")
    campaigns.add_member(campaign=campaign, user=olga, role=Membership.Role.AUDITOR, by=rita)
    config = judging.add_judge(campaign=campaign, by=rita, **GOOD)
    assert as_(olga).post(reverse("judge-start", args=[campaign.slug, config.pk])).status_code == 403


def test_the_page_counts_requests_by_state(campaign, rita, as_):
    factories.task(campaign), factories.task(campaign)
    config = judging.add_judge(campaign=campaign, by=rita, **GOOD)
    judging.plan(config=config, by=rita)
    first, second, *_ = config.requests.filter(probe="").order_by("pk")
    JudgeRequest.objects.filter(pk=first.pk).update(state="succeeded")
    JudgeRequest.objects.filter(pk=second.pk).update(state="invalid")
    row = as_(rita).get(page(campaign)).context["rows"][0]
    assert (row["total"], row["done"], row["open"], row["unusable"], row["sentinels"]) == (4, 1, 42, 1, 40)


def test_the_page_asks_the_database_the_same_for_one_judge_or_many(campaign, rita, as_, django_assert_num_queries):
    client = as_(rita)
    for wanted in (1, 4):
        while JudgeConfig.objects.count() < wanted:
            judging.add_judge(campaign=campaign, by=rita, **GOOD | {"model": f"m{JudgeConfig.objects.count()}"})
        with django_assert_num_queries(8):
            client.get(page(campaign))
