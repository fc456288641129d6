import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation.models import Rubric
from tests import factories
from tests.browser import texts

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rubric_is_previewed_and_locked_without_script(visit, show):
    rita = factories.rita()
    campaign = factories.rating_campaign(by=rita, guide=texts.GUIDE)
    factories.single(campaign)
    address = reverse("campaign-rubric", args=[campaign.slug])
    with visit(user=rita, javascript=False) as visitor:
        page = visitor.open(address)
        page.get_by_label("Guide for evaluators").fill("Read twice.")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("form", name="Preview")).to_contain_text("All one could ask")
        visitor.shoot("rubric-preview")
        page.get_by_role("button", name="Lock the next version").click()
        expect(page.locator("main")).to_contain_text("Version 2 is locked; 1 task that nobody has opened follows it.")
    assert Rubric.objects.get(version=2).guide == "Read twice."
    show(address, "rubric", rita)
