from typing import Any

import pytest
from django.urls import reverse

from annotation import jobs
from annotation.models import JudgeConfig, JudgeRequest
from annotation.services import judging
from tests import factories

pytestmark = pytest.mark.django_db
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


def test_only_an_admin_names_the_variable_of_a_key(campaign, rita, as_):
    secret = GOOD | {"api_key_variable": "SECRET_KEY"}
    as_(rita).post(page(campaign), secret)
    assert JudgeConfig.objects.get().api_key_variable == ""
    ada = as_(factories.user("ada", is_admin=True))
    assert ada.post(page(campaign), secret | {"model": "other"}).status_code == 422
    ada.post(page(campaign), GOOD | {"model": "other", "api_key_variable": "JUDGE_KEY_OTHER"})
    assert JudgeConfig.objects.get(settings__model_id="other").api_key_variable == "JUDGE_KEY_OTHER"


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
    assert sorted(JudgeRequest.objects.values_list("shown_order", flat=True)) == ["ab", "ab", "ba", "ba"]
    assert queued == [config.pk, config.pk]


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
    first, second, *_ = config.requests.order_by("pk")
    JudgeRequest.objects.filter(pk=first.pk).update(state="succeeded")
    JudgeRequest.objects.filter(pk=second.pk).update(state="invalid")
    row = as_(rita).get(page(campaign)).context["rows"][0]
    assert (row["total"], row["done"], row["open"], row["unusable"]) == (4, 1, 2, 1)


def test_the_page_asks_the_database_the_same_for_one_judge_or_many(campaign, rita, as_, django_assert_num_queries):
    client = as_(rita)
    for wanted in (1, 4):
        while JudgeConfig.objects.count() < wanted:
            judging.add_judge(campaign=campaign, by=rita, **GOOD | {"model": f"m{JudgeConfig.objects.count()}"})
        with django_assert_num_queries(7):
            client.get(page(campaign))
