"""The dashboards of a campaign that rates single responses open, and say what they do not offer."""

import pytest
from django.urls import reverse

from annotation.services import assignments, judgments
from annotation.services.judgments import Answer
from tests import factories

pytestmark = pytest.mark.django_db
PAGES = ("overview", "agreement", "annotators", "systems", "tasks", "runs", "releases")


@pytest.mark.parametrize("page", PAGES)
def test_each_dashboard_opens(client, settings, page):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    campaign = factories.rating_campaign()
    factories.single(campaign)
    alice = factories.evaluator(campaign)
    held = assignments.next_for(annotator=alice, campaign=campaign)
    good = {"help": Answer(rating=2), "wrong": Answer(labels={})}
    judgments.submit(by=alice, assignment_id=held.public_id, answers=good, idempotency_key="k")
    client.force_login(factories.researcher_of(campaign), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse(f"calibration:{page}", args=[campaign.slug])).status_code == 200
    if page == "tasks":
        task = campaign.tasks.get()
        found = client.get(reverse("calibration:task", args=[campaign.slug, task.public_id]))
        assert found.status_code == 200
