"""Every address of calibration, every method, every role, against one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, reverse

from annotation.models import AuditEvent
from calibration.api import urls
from calibration.models import Export, Run
from calibration.services import exports, runs
from tests import factories
from tests.annotation.api import clients
from tests.annotation.api.test_roles import ROLES
from tests.calibration.exports import builders

pytestmark = pytest.mark.django_db

EXPECTED = {
    ("api-runs", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-runs", "POST"): (401, 404, 404, 404, 403, 202, 202),
    ("api-planning", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-run", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-run-cancel", "POST"): (401, 404, 404, 404, 403, 202, 202),
    ("api-estimates", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-agreement", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-pairs", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-leaderboard", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-comparable", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-labels", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-prevalence", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-share-differences", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-label-accuracies", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-exports", "GET"): (401, 200, 200, 200, 200, 200, 200),
    ("api-exports", "POST"): (401, 404, 404, 404, 403, 202, 202),
    ("api-export", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-export-cancel", "POST"): (401, 404, 404, 404, 403, 409, 409),
    ("api-release-file", "GET"): (401, 404, 404, 404, 200, 200, 200),
    ("api-download", "GET"): (401, 404, 404, 404, 200, 200, 200),
}


@dataclass
class Setting:
    world: clients.World
    passed: Run
    queued: Run
    export: Export


def setting() -> Setting:
    world = clients.world()
    factories.judgment(world.alice, world.campaign)
    passed = builders.passed_run(world.campaign)
    export = exports.request(campaign=world.campaign, by=None, run=passed)
    exports.build(export.pk)
    return Setting(world, passed, runs.request(campaign=world.campaign, by=None), export)


def addresses() -> dict[str, Callable[[Setting], dict[str, Any]]]:
    run = lambda made: {"public_id": made.passed.public_id}  # noqa: E731
    export = lambda made: {"public_id": made.export.public_id}  # noqa: E731
    return {
        "api-runs": lambda made: {"slug": made.world.campaign.slug},
        "api-planning": lambda made: {"slug": made.world.campaign.slug},
        "api-run": run,
        "api-run-cancel": lambda made: {"public_id": made.queued.public_id},
        "api-estimates": run,
        "api-agreement": run,
        "api-pairs": run,
        "api-leaderboard": run,
        "api-labels": run,
        "api-prevalence": run,
        "api-share-differences": run,
        "api-label-accuracies": run,
        "api-comparable": lambda made: run(made) | {"other": made.passed.public_id},
        "api-exports": lambda made: {},
        "api-export": export,
        "api-export-cancel": export,
        "api-release-file": lambda made: export(made) | {"name": "calibrated.parquet"},
        "api-download": export,
    }


@pytest.mark.parametrize(("name", "method"), EXPECTED, ids=str)
def test_each_role_is_answered_as_the_table_says(name: str, method: str):
    made = setting()
    address = reverse(name, kwargs=addresses()[name](made))
    body = {"campaign": made.world.campaign.slug} if name == "api-exports" else {}
    found = []
    for role in ROLES:
        client = made.world.as_(role)
        counted = _counts()
        with transaction.atomic():
            response = client.post(address, body) if method == "POST" else client.get(address)
            if response.status_code >= 400:
                assert response["Content-Type"] == clients.PROBLEM
                assert _counts() == counted
            # Reading to its end closes a streamed answer without closing the test's connection.
            assert b"".join(response) or response.status_code == 304
            transaction.set_rollback(True)
        found.append(response.status_code)
    assert tuple(found) == EXPECTED[name, method]


def test_the_table_names_every_address_and_method():
    declared = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name != "api-nothing":
            declared |= {(pattern.name, method) for method in pattern.callback.view_class.role_table}
    assert declared == set(EXPECTED)


@pytest.mark.parametrize("name", sorted({name for name, _ in EXPECTED}))
def test_other_methods_do_not_exist(name: str):
    made = setting()
    address = reverse(name, kwargs=addresses()[name](made))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        if (name, method) not in EXPECTED:
            assert made.world.as_("admin").generic(method, address).status_code == 405, method


@pytest.mark.parametrize("name", sorted({name for name, method in EXPECTED if method == "GET"}))
def test_an_unknown_parameter_is_a_400(name: str):
    made = setting()
    address = reverse(name, kwargs=addresses()[name](made))
    for query in ("run__campaign__slug=a", "ordering=value", "format=csv", "annotator__user=1"):
        response = made.world.as_("admin").get(f"{address}?{query}")
        assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter"), query


def test_a_token_that_may_only_read_changes_nothing():
    made = setting()
    reader = clients.client(made.world.people["admin"], scope="read")
    for name, method in EXPECTED:
        if method == "POST":
            response = reader.post(reverse(name, kwargs=addresses()[name](made)), {})
            assert (response.status_code, response.json()["code"]) == (403, "token_scope"), name


def _counts() -> tuple[int, int, int]:
    return AuditEvent.objects.count(), Run.objects.count(), Export.objects.count()
