from datetime import timedelta

import pytest
from django.db.models.functions import Now
from rest_framework.test import APIClient

from annotation.models import ApiToken, AuditEvent
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
ADDRESS = f"{clients.API}/tokens/"


def test_a_password_buys_a_token_that_works_and_is_stored_as_a_digest_only():
    rita = factories.rita()
    response = APIClient().post(ADDRESS, {"username": "rita", "password": factories.PASSWORD, "scope": "write"})
    assert response.status_code == 201
    made = response.json()
    assert made["token"].startswith("sy_")
    assert made["token"] not in str(ApiToken.objects.values())
    assert "no-store" in response["Cache-Control"]
    caller = APIClient(HTTP_AUTHORIZATION=f"Token {made['token']}")
    assert caller.post(f"{clients.API}/campaigns/", {"name": "N", "slug": "n"}).status_code == 201
    assert ApiToken.objects.get().user == rita
    assert any(b"token.create" in bytes(event.body) for event in AuditEvent.objects.all())


def test_wrong_passwords_unknown_names_and_disabled_accounts_get_one_answer():
    factories.rita()
    gone = factories.user("gone")
    gone.is_active = False
    gone.save()
    answers = [
        APIClient().post(ADDRESS, {"username": name, "password": password})
        for name, password in (("rita", "wrong"), ("nobody", "wrong"), ("gone", factories.PASSWORD))
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert not ApiToken.objects.exists()


def test_an_account_is_locked_after_failures_even_for_the_right_password():
    factories.rita()
    for _ in range(5):
        APIClient().post(ADDRESS, {"username": "rita", "password": "wrong"})
    response = APIClient().post(ADDRESS, {"username": "rita", "password": factories.PASSWORD})
    assert (response.status_code, response.json()["code"]) == (429, "account_locked")
    assert response["Content-Type"] == clients.PROBLEM
    assert int(response["Retry-After"]) > 0
    assert not ApiToken.objects.exists()


def test_a_success_forgets_earlier_failures():
    factories.rita()
    for _ in range(2):
        for _ in range(4):
            APIClient().post(ADDRESS, {"username": "rita", "password": "wrong"})
        assert APIClient().post(ADDRESS, {"username": "rita", "password": factories.PASSWORD}).status_code == 201


def test_guessing_is_slowed_by_address_whatever_it_claims_to_be_forwarded_for(monkeypatch):
    monkeypatch.setattr("annotation.api.throttles.TokenThrottle.THROTTLE_RATES", {"tokens": "3/hour"})
    sent = [
        APIClient().post(ADDRESS, {"username": f"n{n}", "password": "x"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")
        for n in range(5)
    ]
    assert [response.status_code for response in sent] == [401, 401, 401, 429, 429]
    assert int(sent[-1]["Retry-After"]) > 3_000


def test_the_current_token_can_be_revoked_by_itself_even_when_it_may_only_read():
    reader = clients.client(factories.rita(), scope="read")
    assert reader.delete(f"{clients.API}/tokens/current/").status_code == 204
    assert reader.get(f"{clients.API}/campaigns/").status_code == 401


def test_expired_tokens_and_tokens_of_disabled_users_fail():
    rita = factories.rita()
    late, disabled = clients.client(rita), clients.client(factories.user("gone"))
    ApiToken.objects.filter(user=rita).update(expiry=Now() - timedelta(seconds=1))
    ApiToken.objects.get(user__username="gone").user.__class__.objects.filter(username="gone").update(is_active=False)
    for caller in (late, disabled):
        response = caller.get(f"{clients.API}/campaigns/")
        assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")
        assert response["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(
    "header", ["Token", "Token a b", "Token \xff\xfe", "Token sy_" + "0" * 60, "Bearer x", "Basic eDp5"]
)
def test_broken_headers_are_refused(header: str):
    response = APIClient().get(f"{clients.API}/campaigns/", HTTP_AUTHORIZATION=header)
    assert (response.status_code, response["Content-Type"]) == (401, clients.PROBLEM)


def test_a_token_in_the_address_and_a_browser_session_do_not_count():
    rita = factories.rita()
    _, secret = clients.tokens.create(user=rita, name="t", scope="write", days=1)
    browser = APIClient()
    browser.force_login(rita)
    assert browser.get(f"{clients.API}/campaigns/").status_code == 401
    assert browser.get(f"{clients.API}/campaigns/", {"token": secret}).status_code == 401


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": 366}, {"scope": "admin"}, {"name": "x" * 101}, {"user": "ada"}]
)
def test_tokens_outside_the_rules_are_refused(wrong):
    factories.rita()
    body = {"username": "rita", "password": factories.PASSWORD} | wrong
    response = APIClient().post(ADDRESS, body)
    assert (response.status_code, set(response.json()["errors"])) == (400, set(wrong))
    assert not ApiToken.objects.exists()
