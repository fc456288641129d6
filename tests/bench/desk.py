"""What the next task and an answer cost as the record grows: `make bench-desk` prints the table."""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import tests.environment  # noqa: F401  (a temporary PostgreSQL, before the settings are read)

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 60
HISTORY = 10_000
CLOSED_PERCENT = 99
HEAD = f"{'tasks':>9}  {'record':<24}{'request':<18}{'SQL':>4}{'web CPU ms':>12}{'wall ms':>9}"


class Cost(NamedTuple):
    """Medians over the rounds of one request."""

    statements: int
    cpu_ms: float
    wall_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-desk", description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave out larger sizes")
    largest = parser.parse_args().largest
    _set_up()
    print(HEAD)
    for size in (size for size in SIZES if size <= largest):
        for record, history, closed in (("fresh", 0, 0), ("10,000 own answers", HISTORY, 0), ("99 % closed", 0, 99)):
            if history >= size or size * (100 - closed) < 200 * ROUNDS:
                continue
            for request, cost in _measure(size, history, closed):
                line = (
                    f"{size:>9,}  {record:<24}{request:<18}{cost.statements:>4}{cost.cpu_ms:>12.1f}{cost.wall_ms:>9.1f}"
                )
                print(line, flush=True)


def _set_up() -> None:
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", "No directory at")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.conf.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setup_test_environment()
    call_command("migrate", verbosity=0)


def _measure(size: int, history: int, closed: int) -> list[tuple[str, Cost]]:
    """Seed a campaign of a size and time one person's requests through the whole web stack."""
    from django.test import Client
    from django.urls import reverse

    from annotation.models import Assignment
    from tests import factories
    from tests.bench import desk_seed

    campaign = factories.campaign(overlap=3)
    alice = factories.evaluator(campaign)
    desk_seed.tasks(campaign, size)
    desk_seed.history(campaign, alice, history)
    desk_seed.close(campaign, closed)
    desk_seed.analyze()
    client = Client()
    assert alice.user
    client.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("evaluate", args=[campaign.slug])

    def next_() -> None:
        assert client.get(address).status_code == 200

    def submit() -> None:
        assert client.post(address, form).status_code == 302

    costs: dict[str, list[Cost]] = {"next": [], "submit": [], "no-op view": []}
    for _ in range(ROUNDS):
        costs["next"].append(_cost(next_))
        held = Assignment.objects.get(annotator=alice, state="leased").public_id
        form = {"assignment": held, "key": held, "answer-overall": "left"}
        costs["submit"].append(_cost(submit))
        costs["no-op view"].append(_cost(lambda: client.get("/nothing-here/")))
    return [(name, _median(rows)) for name, rows in costs.items()]


def _cost(request: Callable[[], None | object]) -> Cost:
    from tests.annotation.statements import statements

    wall, cpu = time.perf_counter(), time.process_time()
    with statements() as asked:
        request()
    return Cost(len(asked), (time.process_time() - cpu) * 1_000, (time.perf_counter() - wall) * 1_000)


def _median(rows: list[Cost]) -> Cost:
    """Leave the first tenth out: caches of templates and of the rubric fill in it."""
    kept = rows[len(rows) // 10 :]
    middle = [statistics.median(column) for column in zip(*kept, strict=True)]
    return Cost(int(max(row.statements for row in kept)), middle[1], middle[2])


if __name__ == "__main__":
    main()
