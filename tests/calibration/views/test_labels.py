"""The pages of a labeling campaign show a real run's classes, shares and annotators, each number with its judgments."""

import re

import pytest
from django.urls import reverse

from calibration.models import ClassShare, Run
from calibration.services import runs
from tests import factories
from tests.calibration import labeled

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("overview", "systems", "annotators", "agreement", "tasks")
MOST_QUERIES = 20


@pytest.fixture
def run(tmp_path, client):
    of = labeled.campaign(graded=False)
    labeled.judged(of, tmp_path, tasks=44, annotators=4)
    client.force_login(factories.researcher_of(of), backend="django.contrib.auth.backends.ModelBackend")
    found = runs.execute(runs.request(campaign=of, by=None, seed=5).pk)
    assert found.state == Run.State.PASSED, found.error
    return found


def text_of(client, run, page, query=""):
    found = client.get(reverse(f"calibration:{page}", args=[run.campaign.slug]) + query)
    assert found.status_code == 200
    return found.content.decode()


def test_every_page_shows_its_figures_and_opens_the_judgments_behind_them(run, client, django_assert_max_num_queries):
    for page in PAGES:
        with django_assert_max_num_queries(MOST_QUERIES):
            text = text_of(client, run, page, "?question=wrong%2Fdeception")
        assert "Anything wrong? Deception" in text, page
    share = ClassShare.objects.get(run=run, option="deception", label="present", system__key="alpha", pool="")
    shown = text_of(client, run, "systems", "?question=wrong%2Fdeception")
    assert f"{share.value:.0%} " in shown
    assert f"{share.naive:.0%}" in shown

    links = sorted(set(re.findall(r'href="([^"]*judgments/\?[^"]*)">(\d+)</a>', shown)))
    assert len(links) >= 3
    for address, n in links:
        listed = client.get(address.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert f"{int(n)}" in listed.content.decode()

    task = run.campaign.tasks.order_by("pk").first()
    found = client.get(reverse("calibration:task", args=[run.campaign.slug, task.public_id])).content.decode()
    assert found.count("Anything wrong? ") == 2
    who = run.campaign.judgments.first().annotator
    found = client.get(reverse("calibration:annotator", args=[run.campaign.slug, who.public_id])).content.decode()
    assert "What is said when each class is true" in found
    found = client.get(reverse("calibration:run", args=[run.campaign.slug, run.public_id])).content.decode()
    assert "Confusion matrices, soft tasks" in found
    assert "floor is an assumption" in found


def test_an_unknown_question_or_page_is_not_found(run, client):
    address = reverse("calibration:tasks", args=[run.campaign.slug])
    assert client.get(f"{address}?question=nobody").status_code == 404
    assert client.get(f"{address}?after=x").status_code == 404
