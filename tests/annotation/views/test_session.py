import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def sign_in(client, password: str = factories.PASSWORD, **more):
    return client.post("/login/", {"username": "alice", "password": password} | more)


def test_the_right_password_opens_the_start_page(client):
    factories.user("alice")
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/")["Location"] == reverse("evaluate-list")


def test_a_wrong_password_says_so_and_names_no_field_as_the_guilty_one(client):
    factories.user("alice")
    html = sign_in(client, "wrong").content.decode()
    assert "That did not match." in html
    assert "alice" in html
    unknown = client.post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert "That did not match." in unknown


def test_after_five_tries_the_account_rests(client):
    factories.user("alice")
    for _ in range(4):
        assert sign_in(client, "wrong").status_code == 200
    response = sign_in(client, "wrong")
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert sign_in(client).status_code == 429


def test_the_way_back_after_a_sign_in_stays_on_this_site(client):
    factories.user("alice")
    assert sign_in(client, next="https://elsewhere.example/")["Location"] == "/"
    assert sign_in(client, next="/account/")["Location"] == "/account/"


def test_signing_out_needs_a_post_and_ends_the_session(client):
    factories.user("alice")
    sign_in(client)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("options", "start"),
    [({"may_create_campaigns": True}, "campaigns"), ({"is_admin": True}, "campaigns"), ({}, "evaluate-list")],
)
def test_home_leads_each_role_to_its_work(options, start, as_):
    assert as_(factories.user("somebody", **options)).get("/")["Location"] == reverse(start)


def test_the_chosen_theme_is_rendered_by_the_server(as_):
    rita = factories.rita()
    client = as_(rita)
    assert "data-theme" not in client.get("/campaigns/").content.decode()
    client.post("/account/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/campaigns/").content.decode()
