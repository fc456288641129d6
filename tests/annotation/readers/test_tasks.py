from pathlib import Path

import pytest

from annotation.readers.rows import Message, PairRow, PromptRow, ResponseRow, SystemRow
from tests.annotation.readers.files import only, read, rows_of, task, write, write_jsonl

TURNS = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "سلام"}]
GOLDEN = [
    task(system="slow", response="Well.", tags=["short"], pool="main", language="en"),
    {"prompt_id": "p1", "system": "quick", "response": "Because.", "generation": {"temperature": 0.7}, "seconds": 2},
    {"prompt_id": 2, "messages": TURNS, "system": "slow", "response_id": "1", "response": "a\nb"},
    {"prompt_id": 2, "system": "slow", "response_id": "2", "response": "c"},
]
CSV = """\
prompt_id,prompt,messages,system,response_id,response,tags,pool,language,generation,seconds
p1,Why?,,slow,,Well.,short,main,en,,
p1,,,quick,,Because.,,,,"{""temperature"": 0.7}",2
2,,"[{""role"": ""system"", ""content"": ""Be kind.""}, {""role"": ""user"", ""content"": ""سلام""}]",slow,1,"a
b",,,,,
2,,,slow,2,c,,,,,
"""


def turn(role: str, content: object) -> dict:
    return {"role": role, "content": content}


def test_a_golden_file_gives_its_rows_each_fact_once_and_before_its_use(tmp_path: Path) -> None:
    assert rows_of("tasks", write_jsonl(tmp_path / "tasks.jsonl", GOLDEN)) == [
        PromptRow("p1", (Message("user", "Why?"),), "en", ("short",), "main", {}, "tasks.jsonl", 1),
        SystemRow("slow", "slow", None, None, "tasks.jsonl", 1),
        ResponseRow("p1", "slow", "", "Well.", {}, "tasks.jsonl", 1),
        SystemRow("quick", "quick", None, {"temperature": 0.7}, "tasks.jsonl", 2),
        ResponseRow("p1", "quick", "", "Because.", {"seconds": 2}, "tasks.jsonl", 2),
        PromptRow("2", (Message("system", "Be kind."), Message("user", "سلام")), None, (), "", {}, "tasks.jsonl", 3),
        ResponseRow("2", "slow", "1", "a\nb", {}, "tasks.jsonl", 3),
        ResponseRow("2", "slow", "2", "c", {}, "tasks.jsonl", 4),
    ]


def test_csv_says_the_same_as_jsonl(tmp_path: Path) -> None:
    expected = rows_of("tasks", write_jsonl(tmp_path / "tasks.jsonl", GOLDEN))
    found = rows_of("tasks", write(tmp_path / "tasks.csv", CSV))

    def told(rows: list) -> list:
        return [str(row).split(", file=")[0].replace("'seconds': '2'", "'seconds': 2") for row in rows]

    assert told(found) == told(expected)
    # A row is named by the line it starts on, also after a cell of two lines.
    assert [row.line for row in only(found, ResponseRow)] == [2, 3, 4, 6]


@pytest.mark.parametrize(
    ("cell", "tags"), [("a;b", ("a", "b")), ("a, b", ("a", "b")), ('"[""a"",""b;c""]"', ("a", "b;c"))]
)
def test_tags_of_a_csv_cell(tmp_path: Path, cell: str, tags: tuple[str, ...]) -> None:
    quoted = cell if cell.startswith('"') else f'"{cell}"'
    path = write(tmp_path / "tasks.csv", f"prompt_id,prompt,system,response,tags\np,q,s,r,{quoted}\n")
    assert only(rows_of("tasks", path), PromptRow)[0].tags == tags


def test_given_pairs_become_canonical_comparisons(tmp_path: Path) -> None:
    write_jsonl(
        tmp_path / "tasks.jsonl", [task(), task(system="slow", response="Well."), task(system="Z", response="No.")]
    )
    write(tmp_path / "pairs.csv", "prompt_id,system_a,system_b,tags,pool\np1,slow,quick,,\np1,quick,Z,hard,b\n")
    assert only(rows_of("tasks", tmp_path), PairRow) == [
        PairRow("p1", "quick", "", "slow", "", (), "", "pairs.csv", 2),
        PairRow("p1", "Z", "", "quick", "", ("hard",), "b", "pairs.csv", 3),
    ]


def test_pairs_of_two_responses_of_one_system_name_them(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "tasks.jsonl", [task(response_id=2), task(response_id=10, response="So.")])
    write_jsonl(
        tmp_path / "pairs.jsonl",
        [{"prompt_id": "p1", "system_a": "quick", "response_a_id": 2, "system_b": "quick", "response_b_id": 10}],
    )
    assert only(rows_of("tasks", tmp_path), PairRow) == [
        PairRow("p1", "quick", "10", "quick", "2", (), "", "pairs.jsonl", 1)
    ]


def test_fields_of_messages_beside_role_and_content_are_kept(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Why?", "name": "someone"}]
    path = write_jsonl(tmp_path / "tasks.jsonl", [task(prompt=None, messages=turns)])
    prompt = only(rows_of("tasks", path), PromptRow)[0]
    assert (prompt.messages, prompt.extra) == ((Message("user", "Why?"),), {"messages": turns})


def test_unknown_columns_are_kept_and_named_once(tmp_path: Path) -> None:
    rows = [task(seconds=2), task(system="slow", response="Well.", seconds=3)]
    found, errors = read("tasks", write_jsonl(tmp_path / "tasks.jsonl", rows))
    assert [row.extra for row in only(found, ResponseRow)] == [{"seconds": 2}, {"seconds": 3}]
    assert [(note.file, note.field) for note in errors.notes] == [("tasks.jsonl", "seconds")]


def test_a_system_may_leave_out_settings_it_has_given(tmp_path: Path) -> None:
    rows = [task(generation={"a": 1, "b": 2}), task(prompt_id="p2"), task(prompt_id="p3", generation={"b": 2, "a": 1})]
    assert len(only(rows_of("tasks", write_jsonl(tmp_path / "tasks.jsonl", rows)), SystemRow)) == 1


@pytest.mark.parametrize(
    ("second", "line", "field", "code"),
    [
        (task(), 2, "response_id", "duplicate_id"),
        (task(system="slow", prompt="Who?"), 2, "prompt", "prompt_mismatch"),
        (task(system="slow", tags=["x"]), 2, "tags", "prompt_mismatch"),
        (task(system="slow", pool="x"), 2, "tags", "prompt_mismatch"),
        (task(prompt_id="p2", generation={"a": 2}), 2, "generation", "conflict"),
        (task(prompt_id="p2", system_family="x"), 2, "system_family", "conflict"),
        (task(prompt_id="p2", prompt=None), 2, "prompt", "missing"),
        (task(prompt_id="p2", prompt="  "), 2, "prompt", "missing"),
        (task(prompt_id="p2", prompt="q", messages=[turn("user", "q")]), 2, "prompt", "conflict"),
        (task(prompt_id="p2", prompt=None, messages=[]), 2, "messages", "wrong_type"),
        (task(prompt_id="p2", prompt=None, messages=[turn("robot", "q")]), 2, "messages/0/role", "bad_enum"),
        (task(prompt_id="p2", prompt=None, messages=[turn("user", [1])]), 2, "messages/0/content", "wrong_type"),
        (task(prompt_id="p2", prompt=None, messages="Why?"), 2, "messages", "wrong_type"),
        (task(system="slow", response=""), 2, "response", "empty_response"),
        (task(system="slow", response=" \n"), 2, "response", "empty_response"),
        (task(system="slow", response=None), 2, "response", "missing"),
        (task(system="slow", response=3), 2, "response", "wrong_type"),
        (task(system=None), 2, "system", "missing"),
        (task(system=""), 2, "system", "missing"),
        (task(system=1.5), 2, "system", "wrong_type"),
        (task(system=True), 2, "system", "wrong_type"),
        (task(system=" slow"), 2, "system", "bad_text"),
        (task(system="slow\n"), 2, "system", "bad_text"),
        (task(system="s" * 201), 2, "system", "too_long"),
        (task(prompt_id=2**63), 2, "prompt_id", "bad_range"),
        (task(prompt_id="p2", tags="x"), 2, "tags", "wrong_type"),
        (task(prompt_id="p2", tags=[1]), 2, "tags", "wrong_type"),
        (task(prompt_id="p2", tags=["x"] * 51), 2, "tags", "too_long"),
        (task(prompt_id="p2", tags=["x" * 101]), 2, "tags", "too_long"),
        (task(prompt_id="p2", generation="hot"), 2, "generation", "wrong_type"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, second: dict, line: int, field: str, code: str) -> None:
    rows, errors = read("tasks", write_jsonl(tmp_path / "tasks.jsonl", [task(generation={"a": 1}), second]))
    assert [(error.file, error.line, error.field, error.code) for error in errors.rows] == [
        ("tasks.jsonl", line, field, code)
    ]
    assert not [row for row in only(rows, ResponseRow) if row.line == 2]


@pytest.mark.parametrize(
    ("pair", "field", "code"),
    [
        ({"prompt_id": "p9", "system_a": "quick", "system_b": "slow"}, "system_a", "unknown_ref"),
        ({"prompt_id": "p1", "system_a": "quick", "system_b": "best"}, "system_b", "unknown_ref"),
        ({"prompt_id": "p1", "system_a": "quick", "response_a_id": "7", "system_b": "slow"}, "system_a", "unknown_ref"),
        ({"prompt_id": "p1", "system_a": "quick", "system_b": "quick"}, "system_b", "identical_responses"),
        ({"prompt_id": "p1", "system_a": "quick", "system_b": "echo"}, "system_b", "identical_responses"),
        ({"prompt_id": "p1", "system_a": "slow", "system_b": "quick", "winner": "slow"}, "winner", "wrong_type"),
        ({"prompt_id": "p1", "system_a": "slow"}, "system_b", "missing"),
    ],
)
def test_a_wrong_pair_is_refused_with_its_place(tmp_path: Path, pair: dict, field: str, code: str) -> None:
    tasks = [task(), task(system="slow", response="Well."), task(system="echo", response="Because.")]
    write_jsonl(tmp_path / "tasks.jsonl", tasks)
    write_jsonl(tmp_path / "pairs.jsonl", [pair])
    rows, errors = read("tasks", tmp_path)
    assert (errors.rows[0].file, errors.rows[0].line, errors.rows[0].field) == ("pairs.jsonl", 1, field)
    assert errors.counts[code] == errors.total
    assert only(rows, PairRow) == []


def test_a_pair_given_twice_in_either_direction_is_refused(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "tasks.jsonl", [task(), task(system="slow", response="Well.")])
    write(tmp_path / "pairs.csv", "prompt_id,system_a,system_b\np1,slow,quick\np1,quick,slow\n")
    rows, errors = read("tasks", tmp_path)
    assert [(error.line, error.code) for error in errors.rows] == [(3, "duplicate_id")]
    assert len(only(rows, PairRow)) == 1


def test_equal_texts_without_pairs_are_left_to_the_pairing_design(tmp_path: Path) -> None:
    rows = rows_of("tasks", write_jsonl(tmp_path / "tasks.jsonl", [task(), task(system="echo")]))
    assert len(only(rows, ResponseRow)) == 2


def test_a_folder_needs_exactly_one_tasks_file(tmp_path: Path) -> None:
    assert [error.code for error in read("tasks", tmp_path)[1].rows] == ["no_file"]
    write_jsonl(tmp_path / "tasks.jsonl", [task()])
    write(tmp_path / "tasks.csv", "prompt_id\n1\n")
    assert [error.code for error in read("tasks", tmp_path)[1].rows] == ["conflict"]
