"""Who may open and change what, page by page."""

import pytest
from django.urls import reverse

from annotation.models import AuditEvent, Enrollment, Membership
from annotation.services import campaigns
from tests import factories

pytestmark = pytest.mark.django_db

READING = ["campaign-people", "campaign-import", "campaign-judges"]


@pytest.fixture
def campaign():
    return factories.campaign()


@pytest.fixture
def rita(campaign):
    return factories.researcher_of(campaign)


@pytest.fixture
def olga(campaign, rita):
    person = factories.user("olga")
    campaigns.add_member(campaign=campaign, user=person, role=Membership.Role.AUDITOR, by=rita)
    return person


def writes(campaign) -> list[tuple[str, dict]]:
    """Return every address that changes this campaign, with a body that would be good."""
    standing = (
        Enrollment.objects.filter(campaign=campaign).first()
        or factories.evaluator(campaign, qualified=False).enrollments.get()
    )
    return [
        (reverse("campaign-state", args=[campaign.slug]), {"action": "pause"}),
        (reverse("enrollment-decide", args=[campaign.slug, standing.pk]), {"action": "accept", "reason": "passed"}),
        (reverse("member-add", args=[campaign.slug]), {"username": "olga", "role": "researcher"}),
        (reverse("campaign-import", args=[campaign.slug]), {"format": "tasks"}),
        (reverse("campaign-judges", args=[campaign.slug]), {"name": "j", "family": "f", "model": "m"}),
    ]


@pytest.mark.parametrize("name", READING)
def test_an_auditor_reads_everything_and_sees_no_button_that_changes(name, campaign, olga, as_):
    factories.evaluator(campaign, qualified=False)
    html = as_(olga).get(reverse(name, args=[campaign.slug])).content.decode()
    assert campaign.name in html
    main = html[html.index("<main") :]
    assert "<form" not in main
    assert "<button" not in main


def test_an_auditor_who_posts_is_refused_and_nothing_changes(campaign, olga, as_):
    addresses = writes(campaign)
    before = AuditEvent.objects.count()
    for url, data in addresses:
        assert as_(olga).post(url, data).status_code == 403, url
    assert AuditEvent.objects.count() == before


def test_for_everybody_else_the_campaign_does_not_exist(campaign, as_):
    stranger, alice = factories.user("stranger"), factories.evaluator(campaign, "alice")
    addresses = writes(campaign)
    before = AuditEvent.objects.count()
    for person in (stranger, alice):
        for url, data in addresses:
            assert as_(person).post(url, data).status_code == 404, url
        for name in READING:
            assert as_(person).get(reverse(name, args=[campaign.slug])).status_code == 404, name
    assert AuditEvent.objects.count() == before


def test_a_researcher_of_another_campaign_is_a_stranger_here(campaign, as_):
    other = factories.researcher_of(factories.campaign())
    for url, data in writes(campaign):
        assert as_(other).post(url, data).status_code == 404, url


def test_an_admin_changes_every_campaign(campaign, as_):
    ada = factories.user("ada", is_admin=True)
    url = reverse("campaign-state", args=[campaign.slug])
    assert as_(ada).post(url, {"action": "close"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == "closed"


def test_without_a_session_every_page_asks_for_a_sign_in(campaign, client):
    pages = [reverse(name, args=[campaign.slug]) for name in (*READING, "evaluate", "apply")]
    pages += [reverse(name) for name in ("home", "account", "evaluate-list", "campaigns", "campaign-new")]
    for url in pages:
        response = client.get(url)
        assert response.status_code == 302, url
        assert response["Location"].startswith("/login/"), url
    for url, data in writes(campaign):
        response = client.post(url, data)
        assert response.status_code == 302, url
        assert response["Location"].startswith("/login/"), url


def test_a_form_from_another_site_is_refused(campaign, rita):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(rita, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("campaign-state", args=[campaign.slug]), {"action": "pause"})
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()


def test_every_page_carries_the_strict_policy(campaign, rita, as_):
    for url in ("/login/", "/campaigns/", "/nowhere/", reverse("campaign-people", args=[campaign.slug])):
        policy = as_(rita).get(url)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
