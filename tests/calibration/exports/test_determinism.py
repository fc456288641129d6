"""The same release gives the same bytes: in another process, hash seed and locale, and for any shown side."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.db import connection

from calibration.exports import archive, files
from calibration.exports.records import judgments
from calibration.models import Export
from calibration.services import exports
from tests.calibration.exports import builders
from tests.calibration.exports.conftest import rows

SCRIPT = """
import hashlib, os, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.EXPORTS_DIR = Path(sys.argv[2])
from calibration.services import exports
export = exports.build(int(sys.argv[1]))
print(hashlib.sha256(exports.path_of(export).read_bytes()).hexdigest(), export.manifest_sha256)
"""


@pytest.mark.django_db
def test_a_release_built_again_has_equal_bytes(built):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    first = built(export)
    packed = exports.path_of(export).read_bytes()
    Export.objects.filter(pk=export.pk).update(state="queued")
    assert built(export) == first
    assert exports.path_of(export).read_bytes() == packed
    assert export.archive_sha256 == hashlib.sha256(packed).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_two_processes_with_other_hash_seeds_and_locales_give_equal_bytes(tmp_path: Path):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    printed = set()
    for seed, language in (("1", "C"), ("271828", "C.UTF-8")):
        Export.objects.filter(pk=export.pk).update(state="queued")
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(export.pk), str(tmp_path / seed)],
            capture_output=True, text=True, check=True, env=_environment(PYTHONHASHSEED=seed, LC_ALL=language),
        )  # fmt: skip
        printed.add(done.stdout)
    assert len(printed) == 1
    assert len(printed.pop().split()) == 2


@pytest.mark.django_db
def test_re_encoding_every_shown_side_changes_no_byte_but_shown_order(built):
    campaign = builders.campaign(tasks=60)
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    before = built(export)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table annotation_judgment disable trigger annotation_judgment_append_only")
        cursor.execute(
            "update annotation_judgment set shown_order = case shown_order when 'ab' then 'ba' else 'ab' end"
        )
        cursor.execute("alter table annotation_judgment enable trigger annotation_judgment_append_only")
    Export.objects.filter(pk=export.pk).update(state="queued")
    after = built(export)
    changed = {name for name in before if before[name] != after[name]}
    # The other four name the hashes of the two files that hold the column.
    assert changed == {
        "judgments.jsonl", "judgments.parquet", "manifest.json", "README.md", "croissant.json", "SHA256SUMS",
    }  # fmt: skip
    assert _masked(before["judgments.jsonl"]) == _masked(after["judgments.jsonl"])
    assert len(before["judgments.jsonl"]) == len(after["judgments.jsonl"])
    assert {row["shown_order"] for row in rows(before["judgments.jsonl"])} == {"ab", "ba"}
    assert _unhashed(before["manifest.json"]) == _unhashed(after["manifest.json"])


def test_the_same_rows_give_the_same_files_whatever_the_batches(tmp_path: Path, monkeypatch):
    lines = [_row(number) for number in range(257)]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = files.write_table(tmp_path / "one", judgments.TABLE, lines)
    monkeypatch.setattr(files, "BATCH", 10)
    second = files.write_table(tmp_path / "two", judgments.TABLE, iter(lines))
    assert first == second


def test_a_packed_folder_depends_on_its_files_alone(tmp_path: Path):
    for name, order in (("one", ["b.txt", "a/c.txt"]), ("two", ["a/c.txt", "b.txt"])):
        for path in order:
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(path)
            os.utime(tmp_path / name / path, (len(order[0]), 10**9))
        archive.pack(tmp_path / name, tmp_path / f"{name}.zip", prefix="p")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        stamps = {(e.date_time, e.external_attr >> 16, e.create_system) for e in packed.infolist()}
    assert stamps == {((1980, 1, 1, 0, 0, 0), 0o100644, 3)}
    archive.unpack(tmp_path / "one.zip", tmp_path / "out")
    assert (tmp_path / "out" / "a" / "c.txt").read_text() == "a/c.txt"


def _row(number: int) -> dict[str, object]:
    kinds = {
        "integer": number,
        "number": number / 7,
        "flag": number % 2 == 0,
        "texts": ["x"] * (number % 3),
        "time": None,
    }
    return {
        column.name: {"b": number, "a": "é\u2028"}
        if column.kind == "object"
        else kinds.get(column.kind, f"t{number % 11}")
        for column in judgments.TABLE.columns
    }


def _masked(content: bytes) -> list[dict[str, object]]:
    return [row | {"shown_order": None} for row in rows(content)]


def _unhashed(content: bytes) -> dict[str, object]:
    manifest = json.loads(content)
    for entry in manifest["files"]:
        for field in ("sha256", "content_sha256", "bytes"):
            entry.pop(field)
    return manifest


def _environment(**values: str) -> dict[str, str]:
    name = connection.settings_dict
    host, user, port = name["HOST"], name["USER"], name["PORT"]
    url = f"postgresql://{user}@/{name['NAME']}?host={host}" + (f"&port={port}" if port else "")
    own = {"DJANGO_SETTINGS_MODULE": "annotation.conf.settings", "DEVELOPMENT": "1", "DATABASE_URL": url}
    return os.environ | own | values
