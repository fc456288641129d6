import json

import pytest
from django.urls import reverse

from annotation.models import ApiToken, AuditEvent
from annotation.services import tokens
from tests import factories

pytestmark = pytest.mark.django_db
GOOD = {"name": "nightly export", "scope": "read", "days": "30"}


@pytest.fixture
def rita():
    return factories.rita()


def last_event() -> dict:
    return json.loads(bytes(AuditEvent.objects.latest("pk").body))


def test_a_new_token_is_shown_once_and_works(rita, as_, client):
    browser = as_(rita)
    response = browser.post("/account/tokens/", GOOD)
    assert response.status_code == 201
    token = ApiToken.objects.get()
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert secret not in browser.get("/account/").content.decode()
    assert token.digest != secret
    assert (token.name, token.scope, (token.expiry - token.created).days) in {
        ("nightly export", "read", 29),
        ("nightly export", "read", 30),
    }
    assert last_event()["action"] == "token.create"
    assert client.get("/api/v1/campaigns/", headers={"Authorization": f"Token {secret}"}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"days": "0"}, "Enter a whole number from 1 to 365."),
        ({"days": "soon"}, "Enter a whole number from 1 to 365."),
        ({"scope": "admin"}, "Select a valid choice."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_token_that_cannot_be_made_says_what_to_enter(rita, as_, wrong, message):
    response = as_(rita).post("/account/tokens/", GOOD | wrong)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_refused_from_then_on(rita, as_, client):
    token, secret = tokens.create(user=rita, name="old", scope="read", days=1)
    response = as_(rita).post(reverse("token-revoke", args=[token.token_key]), follow=True)
    assert "old is revoked." in response.content.decode()
    assert last_event()["action"] == "token.revoke"
    assert client.get("/api/v1/campaigns/", headers={"Authorization": f"Token {secret}"}).status_code == 401


def test_nobody_revokes_the_token_of_another(rita, as_):
    token, _ = tokens.create(user=rita, name="hers", scope="read", days=1)
    assert as_(factories.user("stranger")).post(reverse("token-revoke", args=[token.token_key])).status_code == 404
    assert ApiToken.objects.exists()


def test_an_unknown_theme_is_refused(rita, as_):
    assert as_(rita).post("/account/theme/", {"theme": "neon"}).status_code == 422
    rita.refresh_from_db()
    assert rita.theme == "system"


def test_the_page_asks_the_database_the_same_for_one_token_or_ten(rita, as_, django_assert_num_queries):
    for number in range(10):
        tokens.create(user=rita, name=f"t{number}", scope="read", days=1)
    client = as_(rita)
    with django_assert_num_queries(4):
        client.get("/account/")
