"""What is accepted, where the limits lie, and that reading streams."""

import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.readers import canonical
from annotation.readers.errors import ErrorLog
from annotation.readers.sources import Limits, records
from tests.annotation.readers.files import judgment, task, write, write_jsonl

SMALL = Limits(file_bytes=2_000, line_bytes=100, rows=5, depth=3, nodes=20)


def read(path: Path, limits: Limits = SMALL) -> tuple[list, ErrorLog]:
    errors = ErrorLog()
    return list(records(path, errors, limits)), errors


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ('{"a": "x\u2028y"}\n', ["x\u2028y"]),
        ('{"a": 1}\r\n{"a": 2}\r\n', [1, 2]),
        ('{"a": 1}\n\n   \n{"a": 2}', [1, 2]),
        ('{"a": 9223372036854775807}\n{"a": -9223372036854775808}', [2**63 - 1, -(2**63)]),
        ('{"a": "\\ud83d\\ude00"}', ["😀"]),
        ('{"a": "é\u202e\ufeff"}', ["é\u202e\ufeff"]),
        ('{"a": [[1]]}', [[[1]]]),
    ],
)
def test_good_json_lines_are_read_as_they_stand(tmp_path: Path, content: str, values: list) -> None:
    found, errors = read(write(tmp_path / "a.jsonl", content))
    assert errors.total == 0
    assert [record.values["a"] for record in found] == values


@pytest.mark.parametrize("digits", ["9223372036854775808", "-9223372036854775809", "1" + "0" * 30, "1" + "0" * 5_000])
def test_an_integer_beyond_64_bits_is_refused_wherever_it_stands(tmp_path: Path, digits: str) -> None:
    for content in ('{"a": %s}', '{"a": [{"b": %s}]}'):
        assert read(write(tmp_path / "a.jsonl", content % digits), Limits())[1].counts == {"bad_range": 1}


def test_good_csv_is_read_as_it_stands(tmp_path: Path) -> None:
    content = 'a,b\r\n"x, ""y""",\r\n\r\n"two\r\nlines",é\r\nlast,1'
    found, errors = read(write(tmp_path / "a.csv", content))
    assert errors.total == 0
    assert [(record.line, record.values) for record in found] == [
        (2, {"a": 'x, "y"', "b": None}), (4, {"a": "two\nlines", "b": "é"}), (6, {"a": "last", "b": "1"}),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_row_beyond_the_limit_ends_the_reading(tmp_path: Path, suffix: str) -> None:
    path = file_of(tmp_path / f"a{suffix}", ["x"] * 6)
    found, errors = read(path)
    assert errors.counts == {"too_large": 1}
    assert len(found) <= 5
    assert read(file_of(tmp_path / f"b{suffix}", ["x"] * 5))[1].total == 0


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, suffix: str) -> None:
    found, errors = read(file_of(tmp_path / f"a{suffix}", ["x"]), Limits(file_bytes=3))
    assert found == []
    assert [(error.line, error.field, error.code) for error in errors.rows] == [(0, "(file)", "too_large")]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_a_line_beyond_the_limit_is_refused_and_the_next_is_found(tmp_path: Path, suffix: str) -> None:
    found, errors = read(file_of(tmp_path / f"a{suffix}", ["x", "y" * 300, "z"]))
    bad = 2 if suffix == ".jsonl" else 3
    assert [(error.line, error.code) for error in errors.rows] == [(bad, "too_long")]
    # In CSV the long line may be the middle of a cell, so nothing after it can be trusted.
    assert [record.values["a"] for record in found] == (["x", "z"] if suffix == ".jsonl" else ["x"])


def test_a_line_at_the_limit_is_read(tmp_path: Path) -> None:
    text = '{"a": "' + "x" * 91 + '"}'
    assert len(text) == SMALL.line_bytes
    for end in ("\n", "\r\n", ""):
        assert read(write(tmp_path / "a.jsonl", text + end))[1].total == 0
    assert read(write(tmp_path / "a.jsonl", text.replace("x", "xx", 1)))[1].counts == {"too_long": 1}


def test_a_cell_of_many_lines_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    _, errors = read(write(tmp_path / "a.csv", 'a,b\n"' + ("x" * 50 + "\n") * 20 + '",1\n'))
    assert [error.code for error in errors.rows] == ["too_long"]


def test_a_long_parquet_cell_is_refused(tmp_path: Path) -> None:
    _, errors = read(file_of(tmp_path / "a.parquet", ["x", "y" * 300]))
    assert [(error.line, error.field, error.code) for error in errors.rows] == [(2, "a", "too_long")]


def test_depth_and_size_at_and_beyond_the_limit(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.jsonl", '{"a": [[1]]}'))[1].total == 0
    assert read(write(tmp_path / "a.jsonl", '{"a": [[[1]]]}'))[1].counts == {"too_deep": 1}
    assert read(write(tmp_path / "a.jsonl", '{"a": [' + "1," * 17 + "1]}"))[1].total == 0
    assert read(write(tmp_path / "a.jsonl", '{"a": [' + "1," * 18 + "1]}"))[1].counts == {"too_large": 1}


def test_a_problem_inside_a_value_is_named_by_its_pointer(tmp_path: Path) -> None:
    _, errors = read(write(tmp_path / "a.jsonl", '{"a": [{"b": "\\u0000"}]}'), Limits())
    assert errors.rows[0].field == "/a/0/b"


def test_reading_streams(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"a": "x" * 1_000}] * 20_000)
    errors = ErrorLog()
    tracemalloc.start()
    count = sum(1 for _ in records(path, errors))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000


def test_the_first_rows_can_be_previewed_without_the_rest(tmp_path: Path) -> None:
    rows = [judgment(annotator_id=f"w{number}") for number in range(50)]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    with path.open("a") as file:
        file.write("broken\n")
    errors = ErrorLog()
    assert len(list(islice(canonical.read(path, errors), 10))) == 10
    assert errors.total == 0


def test_a_text_repeated_in_parquet_is_not_unpacked_all_at_once(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), pa.array(["x" * 50_000]))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": column}), path)
    before = pa.total_allocated_bytes()
    found: Iterator = records(path, ErrorLog())
    for _ in islice(found, 5_000):
        assert pa.total_allocated_bytes() - before < 50_000_000


def file_of(path: Path, cells: list[str]) -> Path:
    """Write one column of texts in the format the suffix names."""
    if path.suffix == ".jsonl":
        return write_jsonl(path, [{"a": cell} for cell in cells])
    if path.suffix == ".csv":
        return write(path, "a\n" + "".join(f"{cell}\n" for cell in cells))
    pq.write_table(pa.table({"a": cells}), path)
    return path


def test_tasks_come_in_parquet_too(tmp_path: Path) -> None:
    columns = {name: [value] for name, value in task(tags=["x"]).items()}
    pq.write_table(pa.table(columns), tmp_path / "tasks.parquet")
    found, errors = read(tmp_path / "tasks.parquet", Limits())
    assert (errors.total, found[0].values["tags"]) == (0, ["x"])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_without_a_needed_column_is_refused_once(tmp_path: Path, suffix: str) -> None:
    errors = ErrorLog()
    path = file_of(tmp_path / f"x{suffix}", ["1"] * 5)
    assert list(records(path, errors, needs=("a", "b"))) == []
    assert [(error.line, error.field, error.code) for error in errors.rows] == [(1, "b", "missing")]
