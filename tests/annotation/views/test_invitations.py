"""An invitation lets one person in, once: with the account they have, or with one that they make from it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import AuditEvent, Enrollment, Invitation, Membership, User
from annotation.services import invitations
from tests import factories

pytestmark = pytest.mark.django_db
ACCOUNT = {"username": "carla", "password": "a long pass phrase"}


@pytest.fixture
def campaign():
    made = factories.campaign()
    factories.task(made)
    return made


@pytest.fixture
def rita(campaign):
    return factories.researcher_of(campaign)


def link(campaign, rita, role="evaluator") -> str:
    return reverse("invitation", args=[invitations.invite(campaign=campaign, role=role, by=rita)[1]])


def actions() -> str:
    return " ".join(bytes(event.body).decode() for event in AuditEvent.objects.order_by("id"))


def test_a_new_person_makes_an_account_applies_and_has_the_first_task(campaign, rita):
    client, address = Client(), link(campaign, rita)
    assert campaign.name in client.get(address).content.decode()
    taken = client.post(address, ACCOUNT)
    assert taken.url == reverse("apply", args=[campaign.slug])
    applied = client.post(taken.url, {"languages": "en"})
    assert applied.url == reverse("evaluate", args=[campaign.slug])
    assert 'name="assignment"' in client.get(applied.url).content.decode()
    assert Enrollment.objects.get(annotator__user__username="carla").reason == "invited by a researcher"
    for action in ("invitation.create", "invitation.accept", "user.create", "annotator.qualify"):
        assert f'"action":"{action}"' in actions()


def test_a_link_works_once_and_not_after_its_time(campaign, rita, as_):
    address = link(campaign, rita)
    person = as_(factories.user())
    assert person.post(address).status_code == 302
    assert Client().post(address, ACCOUNT).status_code == 404
    old = link(campaign, rita)
    Invitation.objects.filter(accepted_by=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(old).status_code == 404
    assert not User.objects.filter(username="carla").exists()


def test_an_invited_researcher_is_a_member_at_once(campaign, rita, as_):
    person = factories.user()
    taken = as_(person).post(link(campaign, rita, "researcher"))
    assert taken.url == reverse("calibration:overview", args=[campaign.slug])
    assert Membership.objects.get(user=person).role == "researcher"


def test_the_secret_is_shown_once_and_stored_nowhere(campaign, rita, as_):
    client = as_(rita)
    shown = client.post(reverse("invite", args=[campaign.slug]), {"role": "auditor", "note": "Olga"})
    secret = shown.content.decode().split("/invitation/")[1].split("/")[0]
    assert invitations.find(secret).note == "Olga"
    assert secret not in client.get(reverse("campaign-people", args=[campaign.slug])).content.decode()
    assert secret not in str(Invitation.objects.values()) + actions()


def test_a_withdrawn_link_lets_nobody_in(campaign, rita, as_):
    address = link(campaign, rita)
    made = Invitation.objects.get()
    as_(rita).post(reverse("invitation-withdraw", args=[campaign.slug, made.pk]))
    assert Client().post(address, ACCOUNT).status_code == 404


def test_only_researchers_invite(campaign, rita, as_):
    for person, status in ((factories.evaluator(campaign), 404), (factories.user(), 404)):
        sent = as_(person).post(reverse("invite", args=[campaign.slug]), {"role": "researcher"})
        assert sent.status_code == status
    assert not Invitation.objects.exists()


HOSTILE = {
    "no name": {"username": ""},
    "a name with markup": {"username": "<b>x</b>"},
    "a name with NUL": {"username": "x\x00"},
    "a name beyond its length": {"username": "x" * 151},
    "a name that is taken": {"username": "TAKEN"},
    "a short password": {"password": "short"},
    "a common password": {"password": "password1234"},
    "a password like the name": {"username": "carlacarlacarla", "password": "carlacarlacarla"},
    "a password of a megabyte": {"password": "x" * 1_000_000},
    "no password": {"password": ""},
}


@pytest.mark.parametrize("wrong", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_account_is_refused_and_uses_nothing_up(campaign, rita, wrong):
    factories.user("taken")
    people = User.objects.count()
    sent = Client().post(link(campaign, rita), ACCOUNT | wrong)
    assert sent.status_code == 422
    assert User.objects.count() == people
    assert Invitation.objects.get().accepted_by is None


def test_without_its_event_nothing_is_taken(campaign, rita, monkeypatch):
    address, client = link(campaign, rita), Client(raise_request_exception=False)
    monkeypatch.setattr("annotation.services.audit._insert", lambda events: 1 / 0)
    assert client.post(address, ACCOUNT).status_code == 500
    assert not User.objects.filter(username="carla").exists()
