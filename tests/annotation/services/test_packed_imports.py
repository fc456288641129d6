"""Packed files, guessed formats, and several rows from one line."""

import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest

from annotation.models import Import, Judgment, Task
from annotation.services import imports
from tests import factories

pytestmark = pytest.mark.django_db
LINE = b'{"prompt_id":"p1","prompt":"Why?","system":"s","response":"r"}\n'


def brought(path: Path, **kwargs) -> Import:
    source = imports.start_from_path(campaign=factories.campaign(), path=path, by=None, **{"format": "auto", **kwargs})
    return imports.run(source.pk)


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)
    return path


def ranking(*models: str) -> dict:
    answers = [{"answer": f"says {name}", "model": name, "rank": rank} for rank, name in enumerate(models, start=1)]
    return {"prompt": "\n\nHuman: Why?\n\nAssistant: ", "answers": answers}


def test_a_ranking_becomes_pairs_of_one_cluster(tmp_path: Path):
    path = tmp_path / "nectar.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(ranking("a", "b", "c")).encode() + b"\n"))
    done = brought(path)
    assert (done.format, done.state, done.errors) == ("nectar", Import.State.DONE, [])
    judged = Judgment.objects.select_related("annotator")
    assert [(row.outcome, row.annotator.kind) for row in judged] == [("a", "judge")] * 3
    assert len({row.cluster_id for row in judged}) == 1
    assert Task.objects.count() == 3


def test_a_zip_of_one_file_or_of_a_folder_is_read(tmp_path: Path):
    assert brought(zipped(tmp_path / "one.zip", **{"tasks.jsonl": LINE})).state == Import.State.DONE
    both = {"set__tasks.jsonl": LINE + LINE.replace(b'"s"', b'"t"').replace(b'"r"', b'"q"'), "set__judgments.csv": (
        b"prompt_id,system_a,system_b,annotator_id,outcome\np1,s,t,w1,a\n"
    )}  # fmt: skip
    done = brought(zipped(tmp_path / "two.zip", **both))
    assert (done.format, done.errors, done.counts["judgments"]) == ("canonical", [], 1)


def bomb() -> bytes:
    return gzip.compress(b"0" * 50_000_000)


def linked() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        entry = zipfile.ZipInfo("tasks.jsonl")
        entry.external_attr = 0o120777 << 16
        packed.writestr(entry, "/etc/passwd")
    return content.getvalue()


def named(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr(name, LINE)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bomb.jsonl.gz", bomb(), "too_large"),
        ("short.jsonl.gz", gzip.compress(LINE)[:-9], "bad_file"),
        ("not.jsonl.gz", b"plain", "bad_file"),
        ("broken.jsonl.gz", b"\x1f\x8b\x08" + zlib.compress(LINE), "bad_file"),
        ("up.zip", named("../tasks.jsonl"), "bad_file"),
        ("root.zip", named("/tasks.jsonl"), "bad_file"),
        ("deep.zip", named("a/b/tasks.jsonl"), "bad_file"),
        ("drive.zip", named("C:\\tasks.jsonl"), "bad_file"),
        ("nested.zip", named("tasks.jsonl.gz"), "bad_file"),
        ("link.zip", linked(), "bad_file"),
        ("empty.zip", named("x")[-22:], "bad_file"),
    ],
)
def test_a_packed_file_that_is_no_honest_one_is_refused_by_name(tmp_path: Path, name: str, content: bytes, code: str):
    path = tmp_path / name
    path.write_bytes(content)
    done = brought(path, format="tasks")
    assert (done.state, [error["code"] for error in done.errors], done.errors[0]["file"]) == ("failed", [code], name)
    assert Task.objects.count() == 0


def test_a_file_like_no_format_is_refused_with_their_names(tmp_path: Path):
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(imports.UploadRefused, match="ultrafeedback"):
        brought(tmp_path / "x.csv")
