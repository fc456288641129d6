import pytest
from django.test import Client, RequestFactory

from annotation.views import errors

pytestmark = pytest.mark.django_db


def test_an_unknown_address_says_so_and_shows_a_way_on(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()
    assert "Back to the start" in response.content.decode()


def test_an_unknown_address_of_the_api_answers_in_the_apis_form(client):
    response = client.get("/api/v1/nowhere/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_the_page_of_a_broken_server_needs_neither_database_nor_session(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_a_broken_view_answers_with_the_page(monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("annotation.views.health.Heartbeat.objects.filter", fail)
    response = Client(raise_request_exception=False).get("/healthz")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
