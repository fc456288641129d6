import pytest
from django.urls import reverse

from annotation.models import Enrollment
from annotation.services import campaigns, evaluators
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return factories.campaign(description="Letters of a clinic.")


def apply_url(campaign) -> str:
    return reverse("apply", args=[campaign.slug])


def test_the_list_shows_standing_and_how_far_today(campaign, as_):
    alice = factories.evaluator(campaign, "alice")
    factories.task(campaign), factories.task(campaign)
    factories.judgment(alice, campaign)
    html = as_(alice).get("/evaluate/").content.decode()
    assert "1 of 40 today, 1 in all" in html
    assert reverse("evaluate", args=[campaign.slug]) in html


def test_an_applicant_sees_that_the_application_waits_and_no_way_in(campaign, as_):
    charlie = factories.evaluator(campaign, "charlie", qualified=False)
    for url in ("/evaluate/", apply_url(campaign)):
        html = as_(charlie).get(url).content.decode()
        assert "waits for a researcher" in html
        assert f'href="{reverse("evaluate", args=[campaign.slug])}"' not in html


def test_a_paused_campaign_offers_no_start(campaign, as_):
    alice = factories.evaluator(campaign, "alice")
    campaigns.pause(campaign=campaign, by=factories.researcher_of(campaign))
    html = as_(alice).get("/evaluate/").content.decode()
    assert "The campaign rests." in html
    assert f'href="{reverse("evaluate", args=[campaign.slug])}"' not in html


def test_the_list_asks_the_database_the_same_for_one_campaign_or_many(as_, django_assert_num_queries):
    alice = factories.evaluator(factories.campaign(), "alice")
    assert alice.user is not None
    client = as_(alice)
    for wanted in (1, 5):
        while alice.enrollments.count() < wanted:
            evaluators.apply(user=alice.user, campaign=factories.campaign())
        with django_assert_num_queries(5):
            client.get("/evaluate/")


def test_applying_waits_for_a_researcher(campaign, as_):
    client = as_(factories.user("charlie"))
    assert "Letters of a clinic." in client.get(apply_url(campaign)).content.decode()
    response = client.post(apply_url(campaign), follow=True)
    assert "Your application is in." in response.content.decode()
    assert Enrollment.objects.get().state == "applied"


def test_looking_at_a_campaign_makes_nobody_an_annotator(campaign, as_):
    charlie = factories.user("charlie")
    as_(charlie).get(apply_url(campaign))
    assert not hasattr(charlie, "annotator")


def test_applying_twice_changes_nothing(campaign, as_):
    client = as_(factories.user("charlie"))
    client.post(apply_url(campaign))
    response = client.post(apply_url(campaign), follow=True)
    assert "You have applied to" in response.content.decode()
    assert Enrollment.objects.count() == 1


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_a_campaign_that_takes_nobody_is_not_shown_to_strangers(as_, state):
    campaign = factories.campaign(is_open=False)
    if state == "closed":
        campaigns.close(campaign=campaign, by=factories.researcher_of(campaign))
    client = as_(factories.user("charlie"))
    assert client.get(apply_url(campaign)).status_code == 404
    assert client.post(apply_url(campaign)).status_code == 404
    assert not Enrollment.objects.exists()
