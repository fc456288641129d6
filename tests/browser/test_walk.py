"""The whole way by hand: a researcher makes a campaign, imports, opens it; a person applies, is accepted, answers."""

import json
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from annotation import jobs
from annotation.models import Campaign, Judgment
from annotation.services import imports
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(monkeypatch) -> None:
    """Run an import where its job would be queued."""

    def run_after_commit(*, import_id: int) -> None:
        transaction.on_commit(partial(imports.run, import_id))

    monkeypatch.setattr(jobs.run_import, "delay_on_commit", run_after_commit)


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    rows = [
        {
            "prompt_id": prompt,
            "prompt": f"Explain {prompt}.",
            "system": system,
            "response": f"*{system}* on {prompt}",
        }
        for prompt in ("tides", "rust")
        for system in ("alpha", "beta")
    ]
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def make_campaign(page: Page, tasks: Path) -> None:
    expect(page.get_by_role("link", name="New campaign")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("n")
    page.get_by_label("Name", exact=True).fill("Plain words")
    page.get_by_label("Evaluators a task").fill("1")
    page.get_by_role("button", name="Make the campaign").click()
    page.get_by_label("Files", exact=True).set_input_files(tasks)
    page.get_by_role("button", name="Check the files").click()
    expect(page.get_by_text("Checked, no problems.")).to_be_visible()
    expect(page.locator(".response em").first).to_be_visible()
    page.get_by_role("button", name="Store all of it").click()
    expect(page.get_by_text("Every row of tasks.jsonl is in the record.")).to_be_visible()
    page.get_by_role("button", name="Open for judgments").click()
    expect(page.get_by_text("Plain words takes judgments now.")).to_be_visible()


def test_from_an_empty_instance_to_the_last_answer(visit, worker, tasks):
    factories.rita(), factories.user("charlie")
    with visit() as researcher, visit() as evaluator:
        page = researcher.open("/")
        sign_in(page, "rita")
        make_campaign(page, tasks)

        desk = evaluator.open("/evaluate/plain-words/apply/")
        sign_in(desk, "charlie")
        desk.get_by_role("button", name="Apply").click()
        expect(desk.get_by_text("waits for a researcher")).to_be_visible()

        page.get_by_role("link", name="People").click()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("gets tasks now.")).to_be_visible()

        desk.get_by_role("link", name="Your tasks").click()
        desk.get_by_role("link", name="Start").click()
        for number in (1, 2):
            expect(desk.locator("#task h1")).to_have_text(f"Task {number}: compare two answers")
            expect(desk.locator("#answer.is-enhanced")).to_be_visible()
            desk.keyboard.press("1")
            desk.keyboard.press("Enter")
        expect(desk.locator("h1")).to_have_text("No task for you now")

        page.get_by_role("link", name="Campaigns").first.click()
        expect(page.get_by_role("row", name="Plain words")).to_contain_text("2 of 2")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert Campaign.objects.get().state == "open"
    assert Judgment.objects.count() == 2
