"""Every number of the dashboards opens the judgments behind it, and as many as it says."""

import random
import re
from datetime import UTC, datetime
from html import unescape

import pytest

from calibration.models import Run
from calibration.services import runs
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import address, cells
from tests.calibration.views.test_judgments import another_row

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
LINK = re.compile(r'<a(?: class="range")? href="([^"]*/judgments/\?[^"]*)">([\d,]+)[^<]*</a>')
PAGES = ("overview", "agreement", "annotators", "systems", "tasks")


@pytest.fixture
def of():
    """Return a campaign whose record holds corrections, withdrawals, repeats and answers without a verdict."""
    made = builders.campaign(tasks=24, systems=3)
    for number, task in enumerate(made.tasks.order_by("pk")):
        tags = [["short"], ["short", "medical"], []][number % 3]
        made.tasks.filter(pk=task.pk).update(pool=("regular", "edge")[number % 2], tags=tags)
        type(task.prompt).objects.filter(pk=task.prompt_id).update(language=("", "de")[number % 4 > 1])
    people = builders.judged(made, evaluators=3)
    rows = list(made.judgments.order_by("pk"))
    another_row(rows[0], revision=1, supersedes=rows[0], outcome="tie")
    another_row(rows[1], revision=1, supersedes=rows[1], outcome="", is_retraction=True)
    another_row(rows[2], round=1)
    another_row(rows[3], round=1, outcome="refused")
    another_row(rows[6], round=2, submitted_at=datetime(2026, 3, 2, tzinfo=UTC))
    another_row(rows[5], round=1, shown_order=None, outcome="both_bad")
    dice = random.Random(1)
    judge = builders.annotator(builders.Profile("Quill", "judge"))
    for row in rows[:20]:
        if row.annotator == people[0]:
            another_row(row, annotator=judge, outcome=dice.choice(["a", "b", "tie"]))
    return made


@pytest.fixture
def run(of, short_fits) -> Run:
    made = runs.execute(runs.request(campaign=of, by=None, seed=11).pk)
    assert made.state == Run.State.PASSED, made.error or made.diagnostics["reasons"]
    # What is recorded after the run must not move its figures.
    first = of.judgments.order_by("pk")[8]
    another_row(first, revision=1, supersedes=first, outcome="b")
    return made


def links(html: str) -> set[tuple[str, int]]:
    return {(unescape(href), int(n.replace(",", ""))) for href, n in LINK.findall(html)}


def test_the_count_behind_every_number_equals_the_number(of, run, client):
    client.force_login(factories.researcher_of(of), backend="django.contrib.auth.backends.ModelBackend")
    person, task = of.judgments.first().annotator, of.tasks.first()
    opened = [address(name, of) for name in PAGES]
    opened += [address("annotator", of, person.public_id), address("task", of, task.public_id)]
    opened += [address("run", of, run.public_id)]
    found: set[tuple[str, int]] = set()
    for path in opened:
        on_page = links(client.get(path).content.decode())
        assert on_page, f"{path} opens no judgments"
        found |= on_page

    wrong = {}
    for href, number in found:
        counted = [int(text.replace(",", "")) for text in cells(client.get(href).content.decode(), "value")]
        if number not in counted:
            wrong[href] = (number, counted)
    assert wrong == {}
    assert len(found) > 100
    asked = " ".join(href for href, _ in found)
    for name in (
        "tag=",
        "pool=",
        "language=",
        "since=",
        "partner=",
        "against=",
        "task=",
        "kind=human-judge",
        "paired=",
    ):
        assert name in asked, name
    assert {re.search(r"use=(\w+)", href)[1] for href, _ in found} >= {"model", "agreement", "repeat", "nonverdict"}
