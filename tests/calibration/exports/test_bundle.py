"""What stands in a release: the right rows, the promised fields, numbers that add up."""

import hashlib
import io
import json
from collections import Counter

import pandas as pd
import pyarrow.parquet as pq
import pytest
import rfc8785

from annotation.models import Judgment, Response, Task
from calibration.services import exports
from tests.calibration.exports import builders
from tests.calibration.exports.conftest import rows

pytestmark = pytest.mark.django_db
TABLES = ("judgments", "calibrated", "annotators", "systems")


def release(built, **chosen):
    campaign = builders.campaign()
    return built(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign), chosen=chosen))


def test_a_release_holds_the_promised_files(built):
    assert set(release(built)) == {
        *(f"{table}.{kind}" for table in TABLES for kind in ("jsonl", "parquet")),
        *(f"schemas/{table}.json" for table in TABLES),
        "data/preference/train.jsonl", "manifest.json", "SHA256SUMS", "README.md", "datasheet.md", "croissant.json",
        "rubrics.json", "diagnostics.json", "LICENSE.txt", "verify.py",
    }  # fmt: skip


def test_the_manifest_lists_every_other_file_with_its_hash_and_counted_rows(built):
    files = release(built)
    manifest = json.loads(files["manifest.json"])
    entries = {entry["path"]: entry for entry in manifest["files"]}
    assert list(entries) == sorted(files.keys() - {"manifest.json", "SHA256SUMS"})
    for path, entry in entries.items():
        assert entry["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert entry["bytes"] == len(files[path])
        if path.endswith(".jsonl"):
            assert entry["rows"] == files[path].count(b"\n")
        if path.endswith(".parquet"):
            assert entry["rows"] == pq.read_metadata(io.BytesIO(files[path])).num_rows
            assert entry["content_sha256"] == entries[path.replace(".parquet", ".jsonl")]["sha256"]


def test_the_numbers_of_the_manifest_equal_counted_rows(built):
    campaign = builders.campaign()
    task = Task.objects.first()
    builders.judgment(task, builders.judge("second", "other"), "refused")
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    files = built(export)
    manifest = json.loads(files["manifest.json"])
    judged, calibrated = rows(files["judgments.jsonl"]), rows(files["calibrated.jsonl"])
    assert manifest["outcomes"] == dict(Counter(row["outcome"] for row in judged))
    assert manifest["non_verdicts"] == {"refused": 1}
    assert manifest["counts"] == {
        "judgments": len(judged),
        "tasks": len({row["task_id"] for row in judged}),
        "calibrated": len(calibrated),
        "annotators_human": len({row["annotator_id"] for row in judged if row["annotator_kind"] == "human"}),
        "annotators_judge": len({row["annotator_id"] for row in judged if row["annotator_kind"] == "judge"}),
        "annotators_other": 0,
    }
    preference = manifest["preference"]
    assert preference["written"] == len(rows(files["data/preference/train.jsonl"]))
    assert sum(preference.values()) == len(calibrated)
    assert manifest["exclusions"] == {"judgments": 0, "rules": []}
    assert len(manifest["agreement"]) == export.run.agreements.count()
    assert manifest["diagnostics"] == export.run.diagnostics
    assert (manifest["calibration_run_id"], manifest["run"]["seed"]) == (str(export.run.public_id), str(2**31 - 1))


def test_the_stored_hash_is_that_of_the_manifest_in_canonical_json(built):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    manifest = json.loads(built(export)["manifest.json"])
    assert manifest == export.manifest
    assert hashlib.sha256(rfc8785.dumps(manifest)).hexdigest() == export.manifest_sha256


def test_parquet_and_jsonl_hold_the_same_rows(built):
    files = release(built)
    for table in TABLES:
        frame = pd.read_parquet(io.BytesIO(files[f"{table}.parquet"]))
        lines = rows(files[f"{table}.jsonl"])
        assert list(frame.columns) == list(lines[0])
        assert len(frame) == len(lines)
        for name in frame.columns:
            assert [_plain(value) for value in frame[name]] == [_plain(line[name]) for line in lines], (table, name)


def test_every_parquet_column_says_what_it_means(built):
    files = release(built)
    for table in TABLES:
        for field in pq.read_schema(io.BytesIO(files[f"{table}.parquet"])):
            assert field.metadata[b"description"], field.name
            assert b"unit" in field.metadata


def test_votes_of_a_task_are_those_of_its_judgments_and_probabilities_add_up(built):
    files = release(built)
    votes = Counter((row["task_id"], row["criterion"], row["outcome"]) for row in rows(files["judgments.jsonl"]))
    for row in rows(files["calibrated.jsonl"]):
        key = (row["task_id"], row["criterion"])
        assert (row["vote_a"], row["vote_b"]) == (votes[*key, "a"], votes[*key, "b"])
        assert row["vote_tie"] == votes[*key, "tie"] + votes[*key, "both_bad"]
        assert row["p_a"] + row["p_tie"] + row["p_b"] == pytest.approx(1, abs=1e-9)
        assert row["ci_low"] <= row["p_a_better"] <= row["ci_high"]
        assert (row["soft_label_kind"], row["n_families"], row["converged"]) == ("posterior", 1, True)


def test_rows_stand_in_the_promised_order(built):
    files = release(built)
    judged = [
        (row["task_id"], row["criterion"], row["annotator_id"], row["submitted_at"] or "", row["judgment_id"])
        for row in rows(files["judgments.jsonl"])
    ]
    assert judged == sorted(judged)
    for table, key in (("calibrated", "task_id"), ("annotators", "annotator_id"), ("systems", "system_id")):
        keys = [(row[key], row["criterion"]) for row in rows(files[f"{table}.jsonl"])]
        assert keys == sorted(keys)


def test_each_estimate_has_its_interval_and_n(built):
    files = release(built)
    for row in rows(files["annotators.jsonl"]):
        for quantity in builders.PERSON_QUANTITIES:
            assert row[f"{quantity}_ci_low"] <= row[quantity] <= row[f"{quantity}_ci_high"]
            assert row[f"{quantity}_n"] == 12
        assert (row["tie_width"], row["tie_width_n"]) == (None, None)
        assert row["n_judgments"] == (12 if row["annotator_kind"] == "judge" else 6)
        assert row["little_information"] is (row["annotator_kind"] == "judge")
    systems = {row["system_id"]: row for row in rows(files["systems.jsonl"])}
    assert [systems[key]["strength"] for key in ("alpha", "beta", "gamma")] == [1.0, 0.0, -1.0]
    assert {row["n_judgments"] for row in systems.values()} == {20}


def test_preferences_are_conversations_that_end_with_an_assistant(built):
    files = release(built)
    calibrated = {row["task_id"]: row for row in rows(files["calibrated.jsonl"])}
    written = rows(files["data/preference/train.jsonl"])
    assert written
    for row in written:
        item = calibrated[row["task_id"]]
        better = "a" if item["p_a_better"] > 0.5 else "b"
        assert item["label_hard"] != "tie"
        assert row["prompt"][-1]["role"] == "user"
        assert [message["role"] for message in (*row["chosen"], *row["rejected"])] == ["assistant", "assistant"]
        assert row["chosen"][0]["content"].startswith(item[f"system_{better}"])
        assert row["rejected"][0]["content"] != row["chosen"][0]["content"]
        assert row["p_chosen"] == pytest.approx(max(item["p_a_better"], 1 - item["p_a_better"]))
        assert row["ci_low"] <= row["p_chosen"] <= row["ci_high"]
        assert row["n_votes"] == item["vote_a"] + item["vote_b"] + item["vote_tie"]
        assert "margin" not in row


def test_ties_are_dropped_or_written_in_both_directions(built):
    dropped, both = release(built), release(built, ties="both")
    assert json.loads(dropped["manifest.json"])["preference"]["ties_dropped"] == 1
    counts = json.loads(both["manifest.json"])["preference"]
    written = rows(both["data/preference/train.jsonl"])
    assert counts == {"tie_rows_both_ways": 2, "written": 5}
    assert len(written) == 7
    (twice,) = [task for task, n in Counter(row["task_id"] for row in written).items() if n == 2]
    first, second = [row for row in written if row["task_id"] == twice]
    assert (first["chosen"], first["rejected"]) == (second["rejected"], second["chosen"])
    assert first["p_chosen"] == pytest.approx(1 - second["p_chosen"])


def test_min_confidence_keeps_what_is_at_least_as_sure(built):
    files = release(built, min_confidence=0.05)
    calibrated = rows(files["calibrated.jsonl"])
    sure = [row for row in calibrated if abs(row["p_a_better"] - 0.5) >= 0.05 and row["label_hard"] != "tie"]
    assert {row["task_id"] for row in rows(files["data/preference/train.jsonl"])} == {row["task_id"] for row in sure}
    assert 0 < len(sure) < len(calibrated)


def test_tasks_without_text_and_with_equal_texts_are_left_out_and_counted(built):
    campaign = builders.campaign()
    first, second, third = Task.objects.order_by("pk")[:3]
    Response.objects.filter(pk=first.response_a_id).update(text=None)
    Response.objects.filter(pk__in=[second.response_a_id, second.response_b_id]).update(text="the same")
    third.prompt.messages = []
    third.prompt.save()
    files = built(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign)))
    assert json.loads(files["manifest.json"])["preference"] == {
        "identical_responses": 1, "without_text": 2, "written": 3,
    }  # fmt: skip
    assert len(rows(files["calibrated.jsonl"])) == 6


def test_only_what_the_run_saw_is_released_and_only_what_was_in_force_then(built):
    campaign = builders.campaign()
    before = Judgment.objects.filter(annotator__kind="human", outcome="a").first()
    corrected = Judgment.objects.filter(annotator__kind="human", outcome="b").first()
    correction = builders.judgment(corrected.task, corrected.annotator, "tie", supersedes=corrected)
    run = builders.passed_run(campaign)
    builders.judgment(before.task, before.annotator, "b", supersedes=before)
    builders.judgment(before.task, builders.judge("late", "late"), "b")
    export = exports.request(campaign=campaign, by=None, run=run)
    released = rows(built(export)["judgments.jsonl"])
    assert len(released) == 30
    assert Counter(row["outcome"] for row in released) == {"a": 12, "b": 14, "tie": 4}
    assert correction.pk <= run.last_judgment_id


def test_a_release_of_a_run_whose_record_changed_underneath_is_refused(built):
    campaign = builders.campaign()
    run = builders.passed_run(campaign, counts={"judgments": 29})
    export = exports.request(campaign=campaign, by=None, run=run)
    with pytest.raises(exports.RecordChanged, match="Calibrate again"):
        built(export)
    export.refresh_from_db()
    assert (export.state, export.archive) == ("failed", "")
    assert "Calibrate again" in export.error


def _plain(value):
    if isinstance(value, pd.Timestamp):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    if hasattr(value, "tolist") and not isinstance(value, str):
        value = value.tolist()
    return None if value is None or (not isinstance(value, list) and pd.isna(value)) else value
