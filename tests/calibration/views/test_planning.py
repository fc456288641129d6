import pytest

from tests import factories
from tests.calibration.views.pages import address

pytestmark = pytest.mark.django_db


def test_the_hint_plans_an_import_before_it_is_stored_and_the_tasks_after(client):
    campaign = factories.campaign(overlap=2)
    client.force_login(factories.researcher_of(campaign))
    assert b"No tasks yet" in client.get(address("planning", campaign)).content
    before = client.get(address("planning", campaign, query="?tasks=40&systems=5")).content.decode()
    assert "40 tasks by 2 people over 10 pairs" in before
    assert "8.0 judgments a pair" in before
    factories.task(campaign)
    after = client.get(address("planning", campaign)).content.decode()
    assert "1 task by 2 people over 1 pair of systems" in after


@pytest.mark.parametrize("query", ["?tasks=x&systems=5", "?tasks=-1&systems=2", "?tasks=9999999999999&systems=3"])
def test_nonsense_plans_nothing(client, query):
    campaign = factories.campaign()
    client.force_login(factories.researcher_of(campaign))
    assert b"No tasks yet" in client.get(address("planning", campaign, query=query)).content


def test_strangers_do_not_see_it(client):
    campaign = factories.campaign()
    client.force_login(factories.user())
    assert client.get(address("planning", campaign)).status_code == 404
