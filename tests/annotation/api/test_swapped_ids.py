"""What belongs to another campaign does not exist under one's own, and nothing happens to it."""

import pytest
from django.urls import reverse

from annotation.models import AuditEvent, Enrollment, Import, Judgment
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db


def test_an_import_is_found_under_its_own_campaign_only():
    own, other = clients.world(), clients.world()
    rita = own.as_("researcher")
    ids = [own.campaign.slug, other.source.public_id]
    assert rita.get(reverse("api-import", args=ids)).status_code == 404
    assert rita.post(reverse("api-import-confirm", args=ids)).status_code == 404
    other.source.refresh_from_db()
    assert other.source.state == Import.State.PREVIEWED


def test_a_researcher_decides_about_no_evaluator_of_another_campaign():
    own, other = clients.world(), clients.world()
    rita = own.as_("researcher")
    before = AuditEvent.objects.count()
    address = reverse("api-decision", args=[own.campaign.slug, other.alice.public_id])
    assert rita.post(address, {"decision": "suspend", "reason": "x"}).status_code == 404
    assert Enrollment.objects.get(annotator=other.alice).state == Enrollment.State.QUALIFIED
    assert AuditEvent.objects.count() == before


def test_a_judge_is_started_under_its_own_campaign_only():
    own, other = clients.world(), clients.world()
    rita = own.as_("researcher")
    address = reverse("api-judge-start", args=[own.campaign.slug, other.judge.annotator.public_id])
    assert rita.post(address).status_code == 404
    assert not other.judge.requests.exists()


def test_an_evaluator_answers_and_skips_no_task_of_another_evaluator():
    world = clients.world()
    bob = factories.evaluator(world.campaign)
    client = clients.client(bob.user)
    public_id = world.assignment.public_id
    body = {"answers": {"overall": {"side": "left"}}}
    answer = client.post(f"{clients.API}/assignments/{public_id}/judgments/", body, HTTP_IDEMPOTENCY_KEY="k")
    skip = client.post(f"{clients.API}/assignments/{public_id}/skip/", {"reason": "broken"})
    unknown = client.post(f"{clients.API}/assignments/{'x' * 22}/judgments/", body, HTTP_IDEMPOTENCY_KEY="k")
    assert (answer.status_code, skip.status_code) == (404, 404)
    assert answer.content == unknown.content
    world.assignment.refresh_from_db()
    assert world.assignment.state == "leased"
    assert not Judgment.objects.exists()


def test_lists_and_filters_show_nothing_of_another_campaign():
    own, other = clients.world(), clients.world()
    factories.judgment(other.alice, other.campaign)
    rita = own.as_("researcher")
    base = f"{clients.API}/campaigns/{own.campaign.slug}"
    assert rita.get(f"{base}/judgments/", {"annotator": str(other.alice.public_id)}).json()["results"] == []
    assert {row["slug"] for row in rita.get(f"{clients.API}/campaigns/").json()["results"]} == {own.campaign.slug}
    listed = {row["id"] for row in rita.get(f"{base}/tasks/").json()["results"]}
    assert listed == {str(key) for key in own.campaign.tasks.values_list("public_id", flat=True)}


def test_fields_that_nobody_may_set_are_refused_and_change_nothing():
    world = clients.world()
    rita = world.as_("researcher")
    for name in ("role", "is_staff", "owner", "state", "id", "seed", "rubric"):
        response = rita.post(f"{clients.API}/campaigns/", {"name": "N", "slug": "n", name: "x"})
        assert response.status_code == 400
        assert name in response.json()["errors"]
    address = f"{clients.API}/assignments/{world.assignment.public_id}/judgments/"
    for name in ("annotator", "gold", "weight", "shown_order", "lease_expires", "round"):
        body = {"answers": {"overall": {"side": "left"}}, name: 1}
        response = world.as_("evaluator").post(address, body, HTTP_IDEMPOTENCY_KEY="k")
        assert (response.status_code, set(response.json()["errors"])) == (400, {name})
    inner = {"answers": {"overall": {"side": "left", "outcome": "a"}}}
    assert world.as_("evaluator").post(address, inner, HTTP_IDEMPOTENCY_KEY="k").status_code == 400
    assert not Judgment.objects.exists()
