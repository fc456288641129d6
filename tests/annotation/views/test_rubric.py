import pytest
from django.urls import reverse

from annotation.models import Membership, Rubric
from annotation.services import campaigns
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.rita()


@pytest.fixture
def campaign(rita):
    return factories.campaign(rita)


def sent(action="lock", **more):
    rows = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1", "0-name": "Overall", "0-levels": "5", "0-allow_tie": "on"} | more
    return {f"criteria-{name}": value for name, value in rows.items()} | {"guide": "Read twice.", "action": action}


def address(campaign) -> str:
    return reverse("campaign-rubric", args=[campaign.slug])


def test_a_draft_is_previewed_without_being_locked(campaign, rita, as_):
    html = as_(rita).post(address(campaign), sent("preview")).content.decode()
    assert "nothing is locked yet" in html
    assert "Left much better" in html
    assert Rubric.objects.count() == 1


def test_locking_makes_the_next_version(campaign, rita, as_):
    response = as_(rita).post(address(campaign), sent(), follow=True)
    assert "Version 2 is locked" in response.content.decode()
    made = Rubric.objects.get(version=2)
    assert (made.guide, made.criteria.get().levels) == ("Read twice.", 5)


def test_what_is_wrong_is_said_and_nothing_is_locked(campaign, rita, as_):
    client = as_(rita)
    for change in ({"0-name": ""}, {"0-levels": "4"}, {"0-scale": "rating"}, {"0-options": "x" * 200}):
        response = client.post(address(campaign), sent(**change))
        assert response.status_code == 422, change
        assert "Nothing was locked." in response.content.decode()
    assert Rubric.objects.count() == 1


def test_an_auditor_reads_it_and_changes_nothing(campaign, rita, as_):
    olga = factories.user("olga")
    campaigns.add_member(campaign=campaign, user=olga, role=Membership.Role.AUDITOR, by=rita)
    client = as_(olga)
    html = client.get(address(campaign)).content.decode()
    assert campaign.rubric.sha256 in html
    assert "Lock the next version" not in html
    assert client.post(address(campaign), sent()).status_code == 403
    assert as_(factories.user()).get(address(campaign)).status_code == 404


def test_labels_come_back_into_the_form_as_they_were_written(rita, as_):
    campaign = factories.rating_campaign(by=rita)
    html = as_(rita).get(address(campaign)).content.decode()
    assert "In part: answers, with a real gap" in html
    assert 'value="labels:severity" selected' in html
