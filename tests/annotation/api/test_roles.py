"""Every address, every method, every role, against one table."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, reverse

from annotation.api import urls
from annotation.models import AuditEvent, Judgment
from tests.annotation.api import clients
from tests.annotation.api.clients import World

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "stranger", "foreigner", "evaluator", "auditor", "researcher", "admin")
# What each role is answered, in the order of ROLES. 404: for them there is no such thing.
EXPECTED = {
    ("api-tokens", "POST"): (401, 401, 401, 401, 401, 401, 401),
    ("api-token", "DELETE"): (401, 204, 204, 204, 204, 204, 204),
    ("api-standings", "GET"): (401, 200, 200, 200, 200, 200, 200),
    ("api-campaigns", "GET"): (401, 200, 200, 200, 200, 200, 200),
    ("api-campaigns", "POST"): (401, 403, 201, 403, 403, 201, 201),
    ("api-campaign", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-campaign-state", "POST"): (401, 404, 404, 404, 403, 200, 200),
    ("api-members", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-members", "POST"): (401, 404, 404, 404, 403, 201, 201),
    ("api-vetting", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-vetting", "POST"): (401, 404, 404, 404, 403, 200, 200),
    ("api-limits", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-limits", "POST"): (401, 404, 404, 404, 403, 200, 200),
    ("api-consents", "POST"): (401, 404, 404, 404, 403, 201, 201),
    ("api-rubrics", "POST"): (401, 404, 404, 404, 403, 201, 201),
    ("api-gold", "POST"): (401, 404, 404, 404, 403, 200, 200),
    ("api-apply", "POST"): (401, 201, 201, 409, 201, 201, 201),
    ("api-enrollments", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-decision", "POST"): (401, 404, 404, 404, 403, 200, 200),
    ("api-next", "POST"): (401, 404, 404, 200, 403, 403, 403),
    ("api-submit", "POST"): (401, 404, 404, 201, 404, 404, 404),
    ("api-skip", "POST"): (401, 404, 404, 204, 404, 404, 404),
    ("api-undo", "POST"): (401, 404, 404, 409, 404, 404, 404),
    ("api-imports", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-imports", "POST"): (401, 404, 404, 404, 403, 202, 202),
    ("api-import", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-import-confirm", "POST"): (401, 404, 404, 404, 403, 202, 202),
    ("api-tasks", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-judgments", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-annotators", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-judges", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-judges", "POST"): (401, 404, 404, 404, 403, 201, 201),
    ("api-judge-start", "POST"): (401, 404, 404, 404, 403, 202, 202),
    ("api-judge-run", "POST"): (401, 404, 404, 404, 403, 422, 422),
    ("api-judge-endpoint", "POST"): (401, 404, 404, 404, 403, 200, 200),
    ("api-judge-estimate", "GET"): (401, 404, 404, 404, 200, 200, 200),
}
OPEN_TO_ALL = {"api-schema", "api-docs"}
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "api-tokens": lambda world: {"username": "nobody", "password": "wrong"},
    "api-campaigns": lambda world: {"name": "Another", "slug": "another"},
    "api-campaign-state": lambda world: {"action": "pause"},
    "api-members": lambda world: {"username": world.people["stranger"].username, "role": "auditor"},
    "api-vetting": lambda world: {"size": 0},
    "api-limits": lambda world: {"daily_cap": 9},
    "api-consents": lambda world: {"text": "You may stop at any time."},
    "api-rubrics": lambda world: {"criteria": [{"key": "overall", "name": "Overall, anew"}]},
    "api-gold": lambda world: {"outcome": "a", "justification": "b is wrong"},
    "api-decision": lambda world: {"decision": "suspend", "reason": "left"},
    "api-submit": lambda world: {"answers": {"overall": {"side": "left"}}},
    "api-skip": lambda world: {"reason": "broken"},
    "api-imports": lambda world: {"format": "tasks", "files": [io.BytesIO(b"{}\n")], "source_name": "lab"},
    "api-judge-run": lambda world: {"action": "pause"},
    "api-judge-endpoint": lambda world: {"max_concurrent": 2},
    "api-judges": lambda world: {
        "name": "second", "family": "parametric", "base_url": "http://127.0.0.1:9/v1", "model": "m-2",
    },
}  # fmt: skip


def addresses() -> dict[str, Callable[[World], dict[str, Any]]]:
    campaign = lambda world: {"slug": world.campaign.slug}  # noqa: E731
    assignment = lambda world: {"public_id": world.assignment.public_id}  # noqa: E731
    source = lambda world: campaign(world) | {"public_id": world.source.public_id}  # noqa: E731
    special = {name: lambda world: {} for name in ("api-tokens", "api-token", "api-standings", "api-campaigns")}
    special |= {
        "api-submit": assignment,
        "api-skip": assignment,
        "api-undo": assignment,
        "api-import": source,
        "api-import-confirm": source,
    }
    special["api-decision"] = lambda world: campaign(world) | {"annotator": world.alice.public_id}
    special["api-gold"] = lambda world: campaign(world) | {"task": world.assignment.task.public_id}
    judge = lambda world: campaign(world) | {"judge": world.judge.annotator.public_id}  # noqa: E731
    special |= {f"api-judge-{name}": judge for name in ("start", "run", "endpoint", "estimate")}
    return {name: special.get(name, campaign) for name, _ in EXPECTED}


@pytest.mark.parametrize(("name", "method"), EXPECTED, ids=lambda value: str(value))
def test_each_role_is_answered_as_the_table_says(name: str, method: str):
    world = clients.world()
    address = reverse(name, kwargs=addresses()[name](world))
    found = []
    for role in ROLES:
        client = world.as_(role)
        events, judgments = AuditEvent.objects.count(), Judgment.objects.count()
        with transaction.atomic():
            response = _send(
                client, method, address, BODIES.get(name, lambda world: {})(world) if method == "POST" else {}
            )
            if response.status_code >= 400:
                assert response["Content-Type"] == clients.PROBLEM
                assert response.json()["status"] == response.status_code
                assert (AuditEvent.objects.count(), Judgment.objects.count()) == (events, judgments)
            transaction.set_rollback(True)
        found.append(response.status_code)
    assert tuple(found) == EXPECTED[name, method]


def test_the_table_names_every_address_and_method():
    declared = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name not in OPEN_TO_ALL:
            declared |= {(pattern.name, method) for method in pattern.callback.view_class.role_table}
    assert declared == set(EXPECTED)


@pytest.mark.parametrize("name", sorted({name for name, _ in EXPECTED}))
def test_other_methods_do_not_exist(name: str):
    world = clients.world()
    address = reverse(name, kwargs=addresses()[name](world))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        if (name, method) not in EXPECTED:
            response = _send(world.as_("admin"), method, address, {})
            assert response.status_code == 405, method


def test_a_token_that_may_only_read_changes_nothing():
    world = clients.world()
    for name, method in EXPECTED:
        if method == "POST" and name != "api-tokens":
            reader = clients.client(world.people["admin"], scope="read")
            response = _send(
                reader,
                method,
                reverse(name, kwargs=addresses()[name](world)),
                BODIES.get(name, dict)(world) if name in BODIES else {},
            )
            assert (response.status_code, response.json()["code"]) == (403, "token_scope"), name


def _send(client: Any, method: str, address: str, body: dict[str, Any]) -> Any:
    headers = {"HTTP_IDEMPOTENCY_KEY": "key-1"}
    kind = "multipart" if "files" in body else "json"
    sent = body if method == "POST" else None
    return client.generic(method, address, **headers) if sent is None else client.post(address, sent, kind, **headers)
