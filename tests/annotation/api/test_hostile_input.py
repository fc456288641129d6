"""Bodies and addresses that try to break the reader: always a 4xx problem, never a stored row."""

import json

import pytest
from django.urls import reverse

from annotation.api import pages
from annotation.models import Campaign
from tests import factories
from tests.annotation.api import clients
from tests.annotation.api.test_roles import EXPECTED, addresses

pytestmark = pytest.mark.django_db
CAMPAIGNS = f"{clients.API}/campaigns/"

BODIES = {
    "empty": b"",
    "truncated": b'{"name": "N", "slug": ',
    "not an object": b'["name"]',
    "a string": b'"name"',
    "null": b"null",
    "deep": b'{"name":' * 1_000 + b"1" + b"}" * 1_000,
    "deeper": b"[" * 100_000,
    "deep but closed": b"[" * 5_000 + b"]" * 5_000,
    "many keys": json.dumps({f"k{n}": n for n in range(120_000)}).encode()[:999_000] + b"}",
    "duplicate keys": b'{"name": "N", "slug": "n", "slug": "m"}',
    "NUL": b'{"name": "N\\u0000", "slug": "n"}',
    "NUL in a key": b'{"name": "N", "slug": "n", "\\u0000": 1}',
    "lone surrogate": b'{"name": "\\ud800", "slug": "n"}',
    "NaN": b'{"name": "N", "slug": "n", "overlap": NaN}',
    "infinity": b'{"name": "N", "slug": "n", "overlap": 1e400}',
    "2^63": b'{"name": "N", "slug": "n", "overlap": 9223372036854775808}',
    "5,000 digits": b'{"name": "N", "slug": "n", "overlap": ' + b"9" * 5_000 + b"}",
    "latin-1": '{"name": "\xe9", "slug": "n"}'.encode("latin-1"),
    "utf-16": '{"name": "N", "slug": "n"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name": "N", "slug": "n"}',
    "too large": b'{"name": "' + b"x" * 1_100_000 + b'"}',
    "wrong types": b'{"name": {"a": 1}, "slug": ["n"]}',
    "criteria of criteria": b'{"name": "N", "slug": "n", "criteria": {"key": "a"}}',
    "two equal criteria": b'{"slug": "n", "name": "N", "criteria": [{"key":"a","name":"A"}, {"key":"a","name":"A"}]}',
    "no criteria": b'{"name": "N", "slug": "n", "criteria": []}',
    "a page's slug": b'{"name": "N", "slug": "new"}',
    "a path as slug": b'{"name": "N", "slug": "../n"}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_broken_body_is_a_400_and_stores_nothing(name: str):
    rita = clients.client(factories.rita())
    response = rita.generic("POST", CAMPAIGNS, BODIES[name], content_type="application/json")
    assert response.status_code == 400, response.content[:300]
    assert response["Content-Type"] == clients.PROBLEM
    assert response.json()["code"] in {"parse_error", "invalid"}
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_other_media_types_are_refused(kind: str):
    rita = clients.client(factories.rita())
    response = rita.generic("POST", CAMPAIGNS, b'{"name": "N", "slug": "n"}', content_type=kind)
    assert (response.status_code, response["Content-Type"]) == (415, clients.PROBLEM)


def test_a_charset_other_than_utf8_changes_nothing():
    rita = clients.client(factories.rita())
    body = json.dumps({"name": "é", "slug": "n"}).encode()
    response = rita.generic("POST", CAMPAIGNS, body, content_type="application/json; charset=bogus")
    assert response.status_code == 201
    assert Campaign.objects.get().name == "é"


READS = sorted(name for name, method in EXPECTED if method == "GET")
QUERIES = [
    "annotator__user__password__startswith=a", "ordering=password", "order_by=system", "search=x", "fields=email",
    "expand=user", "format=api", "page=2", "offset=100", "limit=1000", "page_size[]=1", "id__gt=1", "pk__in=1",
    "%00=1", "task__gold__outcome=a", "a.b=1", "q=%F0%9F%98%80",
]  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_an_unknown_parameter_is_a_400(name: str):
    world = clients.world()
    address = reverse(name, kwargs=addresses()[name](world))
    for query in QUERIES:
        response = world.as_("admin").get(f"{address}?{query}")
        assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter"), query


def test_writes_take_no_parameters():
    world = clients.world()
    response = world.as_("evaluator").post(f"{clients.API}/campaigns/{world.campaign.slug}/next/?dry_run=1")
    assert response.json()["code"] == "unknown_parameter"


@pytest.mark.parametrize("query", [
    "page_size=0", "page_size=201", "page_size=-1", "page_size=x", "page_size=", "page_size=1e3", "cursor=",
    "cursor=zzz", "cursor=%00", "cursor=AAAAAAAAAAAAAAA", "cursor=//////////8", "cursor=é", "page_size=1&page_size=2",
    "annotator=1", "annotator=%00", "criterion=a%00b", "criterion=a b", "outcome=A", "outcome=a,b", "since=yesterday",
    "since=2026-13-01T00:00:00Z", "since=99999-01-01T00:00:00Z", "outcome=",
])  # fmt: skip
def test_a_parameter_of_a_wrong_value_is_a_400(query: str):
    world = clients.world()
    response = world.as_("researcher").get(f"{clients.API}/campaigns/{world.campaign.slug}/judgments/?{query}")
    assert response.status_code == 400, response.content
    assert response.json()["code"] in {"invalid", "bad_cursor", "repeated_parameter"}


def test_every_cursor_of_eight_bytes_is_answered():
    world = clients.world()
    for number in (0, 1, 2**31, 2**63 - 1):
        query = {"cursor": pages._encoded(number)}
        response = world.as_("researcher").get(f"{clients.API}/campaigns/{world.campaign.slug}/judgments/", query)
        assert response.status_code == 200


@pytest.mark.parametrize("path", [
    "/api/v1/", "/api/v1/nothing/", "/api/v1/campaigns", "/api/v1/campaigns/a/b/c/", "/api/v1/exports/1/",
    "/api/v1/assignments/a%00b/skip/", "/api/v1//campaigns/", "/api/v1/campaigns/;x/", "/api/v1/campaigns.json",
])  # fmt: skip
def test_an_unknown_address_is_a_problem_document(path: str):
    for method in ("GET", "POST"):
        response = clients.client(factories.user()).generic(method, path)
        assert (response.status_code, response["Content-Type"]) == (404, clients.PROBLEM)
