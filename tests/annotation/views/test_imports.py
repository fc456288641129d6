import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotation import jobs
from annotation.models import Import
from annotation.services import imports
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return factories.campaign()


@pytest.fixture
def rita(campaign):
    return factories.researcher_of(campaign)


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """Return the ids of imports that were queued."""
    ids: list[int] = []
    monkeypatch.setattr(jobs.run_import, "delay_on_commit", lambda *, import_id: ids.append(import_id))
    return ids


def tasks_file(name: str = "tasks.jsonl", *, mistake: bool = False) -> SimpleUploadedFile:
    rows = [
        {"prompt_id": prompt, "prompt": f"What is {prompt}?", "system": system, "response": f"{system} on **{prompt}**"}
        for prompt in ("p1", "p2")
        for system in ("alpha", "beta")
    ]
    if mistake:
        rows[2]["response"] = ""
    return SimpleUploadedFile(name, "".join(json.dumps(row) + "\n" for row in rows).encode())


def upload(client, campaign, files, **more):
    data = {"format": "tasks", "uploads": files, "source_name": "", "pairs_per_prompt": ""} | more
    return client.post(reverse("campaign-import", args=[campaign.slug]), data)


def detail(campaign, found: Import) -> str:
    return reverse("import-detail", args=[campaign.slug, found.public_id])


def test_an_upload_is_kept_and_its_check_is_queued(campaign, rita, as_, queued):
    response = upload(as_(rita), campaign, [tasks_file()], pairs_per_prompt="1")
    made = Import.objects.get()
    assert response["Location"] == detail(campaign, made)
    assert (made.state, made.is_commit, made.pairs_per_prompt, made.requested_by) == ("queued", False, 1, rita)
    assert queued == [made.pk]


def test_several_files_of_one_folder_go_in_together(campaign, rita, as_, queued):
    pairs = SimpleUploadedFile("pairs.jsonl", b'{"prompt_id": "p1", "system_a": "alpha", "system_b": "beta"}\n')
    upload(as_(rita), campaign, [tasks_file(), pairs])
    found = imports.run(Import.objects.get().pk)
    assert (found.state, found.counts["tasks"]) == ("previewed", 1)


def test_a_good_file_is_shown_as_evaluators_see_it_and_stored_only_on_demand(campaign, rita, as_, queued):
    client = as_(rita)
    upload(client, campaign, [tasks_file()])
    found = imports.run(Import.objects.get().pk)
    html = client.get(detail(campaign, found)).content.decode()
    assert "Checked, no problems." in html
    assert "<strong>p1</strong>" in html
    assert "Store all of it" in html
    assert campaign.tasks.count() == 0

    response = client.post(reverse("import-confirm", args=[campaign.slug, found.public_id]))
    assert response["Location"] == detail(campaign, found)
    assert queued == [found.pk, found.pk]
    imports.run(found.pk)
    assert campaign.tasks.count() == 2
    assert "Every row of tasks.jsonl is in the record." in client.get(detail(campaign, found)).content.decode()


def test_a_file_with_a_problem_names_file_line_field_and_what_to_do(campaign, rita, as_, queued):
    client = as_(rita)
    upload(client, campaign, [tasks_file(mistake=True)])
    found = imports.run(Import.objects.get().pk)
    html = client.get(detail(campaign, found)).content.decode()
    assert "Nothing was stored." in html
    error = found.errors[0]
    assert (error["file"], error["line"], error["field"]) == ("tasks.jsonl", 3, "response")
    assert error["message"] in html
    assert "Store all of it" not in html
    assert campaign.prompts.count() == 0


def test_an_import_with_problems_cannot_be_stored(campaign, rita, as_, queued):
    client = as_(rita)
    upload(client, campaign, [tasks_file(mistake=True)])
    found = imports.run(Import.objects.get().pk)
    response = client.post(reverse("import-confirm", args=[campaign.slug, found.public_id]), follow=True)
    assert "Only a checked file without errors can be imported." in response.content.decode()
    assert len(queued) == 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"uploads": []}, "Choose at least one file."),
        ({"uploads": [SimpleUploadedFile("empty.jsonl", b"")]}, "This file is empty."),
        ({"format": "excel"}, "Select a valid choice."),
        ({"pairs_per_prompt": "0"}, "Enter a whole number from 1 to 1,000."),
        ({"uploads": [tasks_file("a.jsonl"), tasks_file("a.jsonl")]}, "Each file needs a name of its own"),
    ],
)
def test_an_upload_that_cannot_be_taken_says_why(campaign, rita, as_, queued, more, message):
    response = upload(as_(rita), campaign, [tasks_file()], **more)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Import.objects.exists()
    assert not queued


def test_the_region_is_polled_until_the_import_has_finished(campaign, rita, as_, queued):
    client = as_(rita)
    upload(client, campaign, [tasks_file()])
    found = Import.objects.get()
    running = client.get(detail(campaign, found), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in running
    assert 'hx-trigger="every 1s"' in running
    imports.run(found.pk)
    assert 'hx-trigger="every' not in client.get(detail(campaign, found), HTTP_HX_REQUEST="true").content.decode()


def test_an_import_of_another_campaign_is_not_found_here(campaign, rita, as_, queued):
    upload(as_(rita), campaign, [tasks_file()])
    other = factories.campaign()
    stranger = as_(factories.researcher_of(other))
    for name in ("import-detail", "import-confirm"):
        url = reverse(name, args=[other.slug, Import.objects.get().public_id])
        assert stranger.get(url).status_code in {404, 405}
        assert stranger.post(url).status_code in {404, 405}


def test_the_list_asks_the_database_the_same_for_one_import_or_many(
    campaign, rita, as_, queued, django_assert_num_queries
):
    client = as_(rita)
    for wanted in (1, 4):
        while Import.objects.count() < wanted:
            upload(client, campaign, [tasks_file(f"tasks-{Import.objects.count()}.jsonl")])
        with django_assert_num_queries(6):
            client.get(reverse("campaign-import", args=[campaign.slug]))
