import io

import pytest

from annotation.models import Import
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
ROW = b'{"prompt_id": "p1", "prompt": "Why?", "system": "s1", "response": "Because."}\n'


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """Collect the imports whose job was queued."""
    found: list[int] = []
    monkeypatch.setattr("annotation.jobs.run_import.delay_on_commit", lambda *, import_id: found.append(import_id))
    return found


def upload(client, campaign, *files, **fields):
    body = {"format": "tasks", "source_name": "lab", "files": [_file(*file) for file in files], **fields}
    return client.post(f"{clients.API}/campaigns/{campaign.slug}/imports/", body, format="multipart")


def test_an_upload_is_kept_queued_and_can_be_followed(queued):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    response = upload(rita, campaign, ("tasks.jsonl", ROW))
    assert response.status_code == 202, response.content
    source = Import.objects.get()
    assert queued == [source.pk]
    assert response["Location"] == f"{clients.API}/campaigns/{campaign.slug}/imports/{source.public_id}/"
    shown = rita.get(response["Location"]).json()
    assert (shown["state"], shown["commit"], shown["file_name"], shown["errors"]) == (
        "queued",
        False,
        "tasks.jsonl",
        [],
    )
    assert "path" not in shown
    assert str(source.path) not in str(shown)


def test_commit_is_passed_on_and_several_files_make_one_import(queued):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    response = upload(
        rita, campaign, ("tasks.jsonl", ROW), ("pairs.jsonl", b"{}\n"), commit="true", pairs_per_prompt="4"
    )
    assert response.status_code == 202
    source = Import.objects.get()
    assert (source.is_commit, source.pairs_per_prompt, source.file_name) == (True, 4, "tasks.jsonl, pairs.jsonl")


def test_only_a_checked_import_without_errors_is_confirmed(queued):
    world = clients.world()
    rita = world.as_("researcher")
    address = f"{clients.API}/campaigns/{world.campaign.slug}/imports/{world.source.public_id}/confirm/"
    assert rita.post(address).status_code == 202
    assert queued == [world.source.pk]
    again = rita.post(address)
    assert (again.status_code, again.json()["code"]) == (422, "upload_refused")


@pytest.mark.parametrize("fields", [
    {"format": "xlsx"}, {"format": ""}, {"source_name": "x" * 101}, {"pairs_per_prompt": "0"}, {"commit": "perhaps"},
    {"path": "/etc/passwd"}, {"format": ["tasks", "canonical"]}, {"is_commit": "true"},
])  # fmt: skip
def test_fields_outside_the_rules_are_refused(queued, fields):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    response = upload(rita, campaign, ("tasks.jsonl", ROW), **fields)
    assert (response.status_code, set(response.json()["errors"])) == (400, set(fields))
    assert (Import.objects.count(), queued) == (0, [])


def test_no_file_an_empty_file_and_two_of_one_name_are_refused(queued):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    assert upload(rita, campaign).status_code == 400
    assert upload(rita, campaign, ("tasks.jsonl", b"")).status_code == 400
    twice = upload(rita, campaign, ("tasks.jsonl", ROW), ("tasks.jsonl", ROW))
    assert (twice.status_code, twice.json()["code"]) == (422, "upload_refused")
    assert (Import.objects.count(), queued) == (0, [])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "a\r\nb.jsonl", "x" * 1_000 + ".jsonl", "\u202egpj"]
)
def test_a_file_name_never_leads_out_of_its_folder(queued, state_dir, name):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    assert upload(rita, campaign, (name, ROW)).status_code in {202, 400, 422}
    outside = [path for path in state_dir.rglob("*") if path.is_file() and "imports" not in path.parts]
    assert outside == []


def test_an_upload_that_says_it_is_too_large_is_refused_unread(queued, settings):
    settings.IMPORT_MAX_BYTES = 10
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    response = rita.generic(
        "POST", f"{clients.API}/campaigns/{campaign.slug}/imports/", b"x" * 1_100_000,
        content_type="multipart/form-data; boundary=b",
    )  # fmt: skip
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_body_that_is_no_form_is_refused(queued):
    campaign = factories.campaign()
    rita = clients.client(factories.researcher_of(campaign))
    address = f"{clients.API}/campaigns/{campaign.slug}/imports/"
    assert rita.post(address, {"format": "tasks"}, format="json").status_code == 415
    broken = rita.generic("POST", address, b"--b\r\nbroken", content_type="multipart/form-data; boundary=b")
    assert broken.status_code == 400
    many = {f"f{number}": "x" for number in range(1_100)}
    assert rita.post(address, many, format="multipart").status_code == 400


def _file(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file
