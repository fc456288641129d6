import re
from pathlib import Path

import pytest

from annotation.readers.errors import CODES, KEPT
from annotation.readers.rows import JudgmentRow
from tests.annotation.readers.files import only, read, write
from tests.annotation.readers.malformed import Malformed, damaged, named

NAMED = list(named())


def test_the_corpus_is_large_enough() -> None:
    assert len(NAMED) >= 130
    assert len({case.code for case in NAMED}) >= 17


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case.what)
def test_a_malformed_file_is_refused_with_file_line_field_and_advice(tmp_path: Path, case: Malformed) -> None:
    path = write(tmp_path / f"file{case.suffix}", case.content)
    _, errors = read(case.format, path)
    assert errors.total > 0
    first = errors.rows[0]
    assert (first.code, first.line) == (case.code, case.line if case.line is not None else first.line), str(first)
    check_errors(errors.rows, path.name)


def check_errors(errors: list, file: str) -> None:
    for error in errors:
        assert error.file == file
        assert error.line >= 0
        assert error.field
        assert error.code in CODES
        assert str(error).startswith(f"{file}, line {error.line}, {error.field}: ")
        assert ADVICE.search(error.message), error.message
        assert len(error.excerpt) <= 80
        for text in (error.field, error.message, error.excerpt):
            assert text.isprintable(), repr(text)
            text.encode()


# Every message tells a person what to do.
ADVICE = re.compile(
    r"\b(save|correct|remove|write|leave|split|shorten|flatten|unpack|fetch|keep|give|name it|quote cells|close|check"
    r"|export|convert|number (them|repeats)|add)\b"
)


def test_random_damage_never_raises_and_never_doubles(tmp_path: Path) -> None:
    refused = 0
    for case in damaged(400, seed=20260131):
        path = write(tmp_path / f"file{case.suffix}", case.content)
        rows, errors = read(case.format, path)
        check_errors(errors.rows, path.name)
        refused += errors.total > 0
        judged = [(row.prompt_id, row.annotator_id, row.system_a, row.system_b) for row in only(rows, JudgmentRow)]
        assert len(judged) == len(set(judged))
    assert refused >= 250


def test_every_error_is_counted_and_the_first_hundred_kept(tmp_path: Path) -> None:
    _, errors = read("canonical", write(tmp_path / "file.jsonl", "x\n" * 250))
    assert (errors.total, len(errors.rows), errors.counts["bad_json"]) == (250, KEPT, 250)
    assert errors.rows[-1].line == 100


@pytest.mark.parametrize("name", ["file.tsv", "file.xlsx", "file", "file.jsonl.gz"])
def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path, name: str) -> None:
    _, errors = read("canonical", write(tmp_path / name, b"{}\n"))
    assert [(error.file, error.code) for error in errors.rows] == [(name, "bad_file")]


@pytest.mark.parametrize("format_", ["tasks", "canonical", "llmfao", "mt_bench"])
def test_a_path_that_is_not_there_is_an_error_not_an_exception(tmp_path: Path, format_: str) -> None:
    _, errors = read(format_, tmp_path / "nowhere.jsonl")
    assert errors.counts["no_file"] == errors.total > 0


@pytest.mark.parametrize("format_", ["llmfao", "mt_bench"])
def test_a_file_where_a_folder_is_needed_is_an_error(tmp_path: Path, format_: str) -> None:
    _, errors = read(format_, write(tmp_path / "file.jsonl", b"{}\n"))
    assert errors.counts["no_file"] == errors.total > 0


def test_a_name_of_a_file_cannot_forge_lines_of_a_log(tmp_path: Path) -> None:
    path = write(tmp_path / "a\n\x1b[31mb.jsonl", b"x\n")
    _, errors = read("canonical", path)
    assert str(errors.rows[0]).isprintable()
