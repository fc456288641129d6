import json
from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.models import Annotator, AuditEvent, Import, Judgment, Prompt, Response, Task
from annotation.services import imports
from tests import factories

pytestmark = pytest.mark.django_db


def jsonl(*rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def responses(prompts=("p1", "p2"), systems=("alpha", "beta", "gamma")):
    return [
        {"prompt_id": p, "prompt": f"Say {p}.", "system": s, "response": f"{s} says **{p}**", "tags": ["facts"]}
        for p in prompts
        for s in systems
    ]


def start(campaign, content, *, format="tasks", name="tasks.jsonl", **kwargs):
    by = factories.researcher_of(campaign)
    queued = imports.start(
        campaign=campaign, files=[SimpleUploadedFile(name, content)], format=format, source_name="test", by=by, **kwargs
    )
    return imports.run(queued.pk)


def test_a_preview_stores_nothing_and_shows_the_tasks_as_an_evaluator_sees_them():
    campaign = factories.campaign()
    checked = start(campaign, jsonl(*responses()))
    assert checked.state == "previewed"
    assert checked.counts == {"prompts": 2, "systems": 3, "responses": 6, "tasks": 6}
    assert "<strong>" in checked.samples[0]["left_html"]
    assert not Task.objects.exists()
    assert not Prompt.objects.exists()


def test_a_confirmed_preview_is_stored_once():
    campaign = factories.campaign()
    checked = start(campaign, jsonl(*responses()))
    imports.confirm(import_=checked, by=factories.researcher_of(campaign))
    done = imports.run(checked.pk)
    assert done.state == "done"
    assert Task.objects.count() == 6
    assert imports.run(checked.pk).state == "done"
    assert Task.objects.count() == 6
    again = start(campaign, jsonl(*responses()), commit=True)
    assert again.pk == checked.pk
    assert any(b'"task.import"' in bytes(event.body) for event in AuditEvent.objects.all())


def test_one_bad_row_stores_nothing_and_is_named_with_file_line_and_field():
    campaign = factories.campaign()
    failed = start(campaign, jsonl(*responses(), {"prompt_id": "p9", "prompt": "x", "system": "alpha"}), commit=True)
    assert failed.state == "failed"
    assert failed.error_total == 1
    assert {failed.errors[0][key] for key in ("file", "line", "field")} == {"tasks.jsonl", 7, "response"}
    assert not Response.objects.exists()


def test_another_text_under_a_known_id_is_refused():
    campaign = factories.campaign()
    start(campaign, jsonl(*responses()), commit=True)
    changed = responses()
    changed[0]["response"] = "something else"
    failed = start(campaign, jsonl(*changed), commit=True)
    assert failed.state == "failed"
    assert "response_id" in failed.errors[0]["message"]
    assert Response.objects.count() == 6


def test_canonical_judgments_need_their_tasks_first():
    campaign = factories.campaign()
    rows = [
        {"prompt_id": "p1", "system_a": "beta", "system_b": "alpha", "annotator_id": "w1", "outcome": "a"},
        {"prompt_id": "p1", "system_a": "alpha", "system_b": "gamma", "annotator_id": "w1", "outcome": "tie"},
    ]
    failed = start(campaign, jsonl(*rows), format="canonical", name="judgments.jsonl", commit=True)
    assert failed.state == "failed"
    assert "Import the tasks first" in failed.errors[0]["message"]
    start(campaign, jsonl(*responses()), commit=True)
    done = start(
        campaign, jsonl(*rows, {**rows[1], "annotator_id": "w2"}), format="canonical", name="j.jsonl", commit=True
    )
    assert done.counts == {"annotators": 2, "judgments": 3}
    assert Counter(Judgment.objects.values_list("outcome", flat=True)) == {"b": 1, "tie": 2}
    assert Annotator.objects.filter(import_key="import:test:w1").exists()
    creations = [event for event in AuditEvent.objects.all() if b'"judgment.create"' in bytes(event.body)]
    assert len(creations) == 3


def test_an_annotator_answers_a_task_once_across_imports():
    campaign = factories.campaign()
    start(campaign, jsonl(*responses()), commit=True)
    row = {"prompt_id": "p1", "system_a": "alpha", "system_b": "beta", "annotator_id": "w1", "outcome": "a"}
    start(campaign, jsonl(row), format="canonical", name="j1.jsonl", commit=True)
    failed = start(campaign, jsonl({**row, "outcome": "b"}), format="canonical", name="j2.jsonl", commit=True)
    assert failed.state == "failed"
    assert "already holds" in failed.errors[0]["message"]
    assert Judgment.objects.count() == 1


def test_an_upload_needs_a_known_format_and_a_file():
    campaign = factories.campaign()
    by = factories.researcher_of(campaign)
    with pytest.raises(imports.UploadRefused, match="not a format"):
        imports.start(campaign=campaign, files=[], format="xlsx", source_name="", by=by)
    with pytest.raises(imports.UploadRefused, match="at least one file"):
        imports.start(campaign=campaign, files=[], format="tasks", source_name="", by=by)


def test_llmfao_is_imported_whole(data_dir):
    campaign = factories.campaign()
    queued = imports.start_from_path(campaign=campaign, path=data_dir / "llmfao", format="llmfao", by=None)
    done = imports.run(queued.pk)
    assert done.error_total == 0
    assert done.counts == {
        "prompts": 13, "systems": 59, "responses": 750, "tasks": 2139, "annotators": 126, "judgments": 13209,
    }  # fmt: skip
    assert Judgment.objects.effective().count() == 13_209


def test_mt_bench_is_imported_whole_and_its_one_repeat_supersedes(data_dir):
    campaign = factories.campaign()
    queued = imports.start_from_path(campaign=campaign, path=data_dir / "mt_bench", format="mt_bench", by=None)
    done = imports.run(queued.pk)
    assert done.error_total == 0
    assert done.counts["judgments"] == 3_355 + 2_400
    assert done.counts["annotators"] == 66
    assert Judgment.objects.effective().by_people().count() == 3_354
    assert Import.objects.get(pk=done.pk).finished_at is not None
