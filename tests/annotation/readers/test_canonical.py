from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.readers.rows import AnnotatorRow, JudgmentRow, PairRow, PromptRow, ResponseRow, SystemRow
from tests.annotation.readers.files import judgment, only, read, rows_of, task, write, write_jsonl

GOLDEN = [
    judgment(
        system_a="slow", system_b="quick", outcome="a", strength=2, shown_order="ab", criterion="clear", round=1,
        rationale="Plainer.", started_at="2026-01-31T09:30:00Z", submitted_at="2026-01-31T10:31:00.5+01:00",
        active_ms=4200, flags=["fast"], cluster_id="c1", p_a=0.25, length_a=10, length_b=20, split="train",
        annotator_kind="llm", annotator_family="openai", annotator_name="Judge", annotator_version="v1",
    ),
    judgment(outcome="both_bad", strength=0),
]  # fmt: skip
CSV = """\
prompt_id,system_a,system_b,annotator_id,outcome,strength,shown_order,criterion,round,rationale,started_at,submitted_at,\
active_ms,flags,cluster_id,p_a,length_a,length_b,split,annotator_kind,annotator_family,annotator_name,annotator_version
p1,slow,quick,w1,a,2,ab,clear,1,Plainer.,2026-01-31T09:30:00Z,2026-01-31T10:31:00.5+01:00,4200,fast,c1,0.25,10,20,train,\
llm,openai,Judge,v1
p1,quick,slow,w2,both_bad,0,,,,,,,,,,,,,,,,,
"""


def first_judgment(file: str) -> JudgmentRow:
    return JudgmentRow(
        prompt_id="p1", system_a="quick", response_a="", system_b="slow", response_b="", annotator_id="w1",
        criterion="clear", round=1, outcome="b", strength=-2, shown_order="ba", rationale="Plainer.",
        started_at=datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
        submitted_at=datetime(2026, 1, 31, 9, 31, 0, 500_000, tzinfo=UTC),
        active_ms=4200, flags=("fast",), cluster_id="c1",
        extra={"p_a": 0.75, "p_b": 0.25, "length_a": 20, "length_b": 10, "split": "train"}, file=file, line=1,
    )  # fmt: skip


def test_a_golden_file_gives_canonical_rows_each_fact_once_and_before_its_use(tmp_path: Path) -> None:
    rows = rows_of("canonical", write_jsonl(tmp_path / "votes.jsonl", [GOLDEN[0], GOLDEN[1] | {"annotator_id": "w2"}]))
    assert rows[:8] == [
        AnnotatorRow("w1", "judge", "Judge", "openai", None, "v1", "votes.jsonl", 1),
        PromptRow("p1", (), None, (), "", {}, "votes.jsonl", 1),
        SystemRow("slow", "slow", None, None, "votes.jsonl", 1),
        ResponseRow("p1", "slow", "", None, {}, "votes.jsonl", 1),
        SystemRow("quick", "quick", None, None, "votes.jsonl", 1),
        ResponseRow("p1", "quick", "", None, {}, "votes.jsonl", 1),
        PairRow("p1", "quick", "", "slow", "", (), "", "votes.jsonl", 1),
        first_judgment("votes.jsonl"),
    ]
    assert rows[8] == AnnotatorRow("w2", "human", "w2", None, None, "", "votes.jsonl", 2)
    last = only(rows, JudgmentRow)[1]
    assert (last.outcome, last.strength, last.shown_order, last.round) == ("both_bad", 0, None, 0)
    assert len(rows) == 10


def test_csv_and_parquet_say_the_same_as_jsonl(tmp_path: Path) -> None:
    rows = [GOLDEN[0], GOLDEN[1] | {"annotator_id": "w2"}]
    expected = rows_of("canonical", write_jsonl(tmp_path / "votes.jsonl", rows))
    from_csv = rows_of("canonical", write(tmp_path / "votes.csv", CSV))
    # Moments as timestamps, whole numbers that became floats because another row had none, texts in a dictionary.
    moments = {name: [datetime.fromisoformat(GOLDEN[0][name]), None] for name in ("started_at", "submitted_at")}
    columns = {name: [row.get(name) for row in rows] for name in GOLDEN[0]} | moments
    table = pa.table(columns | {"active_ms": pa.array([4200.0, None])})
    table = table.set_column(table.schema.get_field_index("started_at"), "started_at",
                             table["started_at"].cast(pa.timestamp("ns", tz="UTC")))  # fmt: skip
    table = table.set_column(0, "prompt_id", table["prompt_id"].dictionary_encode())
    pq.write_table(table, tmp_path / "votes.parquet")
    from_parquet = rows_of("canonical", tmp_path / "votes.parquet")

    def told(rows: list) -> list[str]:
        plain = [str(row).split(", file=")[0] for row in rows]
        return [text.replace("'20'", "20").replace("'10'", "10") for text in plain]

    assert told(from_csv) == told(from_parquet) == told(expected)
    assert [row.line for row in only(from_csv, JudgmentRow)] == [2, 3]
    assert [row.line for row in only(from_parquet, JudgmentRow)] == [1, 2]


def test_a_tasks_file_beside_gives_texts_and_is_the_law(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "tasks.jsonl", [task(), task(system="slow", response="Well.", system_family="tortoise")])
    write_jsonl(tmp_path / "judgments.jsonl", [judgment(system_b_family="tortoise")])
    rows = rows_of("canonical", tmp_path)
    assert [type(row).__name__ for row in rows] == [
        "PromptRow", "SystemRow", "ResponseRow", "SystemRow", "ResponseRow", "AnnotatorRow", "PairRow", "JudgmentRow",
    ]  # fmt: skip
    assert [row.text for row in only(rows, ResponseRow)] == ["Because.", "Well."]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (judgment(prompt_id="p2"), "prompt_id"),
        (judgment(system_b="best"), "system_b"),
        (judgment(response_a_id="2"), "system_a"),
        (judgment(prompt_id="p3"), "system_b"),
    ],
)
def test_a_judgment_of_something_the_tasks_file_lacks_is_refused(tmp_path: Path, row: dict, field: str) -> None:
    tasks = [task(), task(system="slow", response="Well."), task(prompt_id="p3")]
    write_jsonl(tmp_path / "tasks.jsonl", tasks)
    write_jsonl(tmp_path / "judgments.jsonl", [row])
    rows, errors = read("canonical", tmp_path)
    assert [(e.file, e.line, e.field, e.code) for e in errors.rows] == [("judgments.jsonl", 1, field, "unknown_ref")]
    assert only(rows, JudgmentRow) == []


def test_a_judged_pair_of_equal_texts_is_kept_and_flagged(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "tasks.jsonl", [task(), task(system="slow")])
    write_jsonl(tmp_path / "judgments.jsonl", [judgment(flags=["fast"])])
    assert only(rows_of("canonical", tmp_path), JudgmentRow)[0].flags == ("fast", "identical_responses")


def test_given_pairs_beside_are_not_made_again(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "tasks.jsonl", [task(), task(system="slow", response="Well.")])
    write(tmp_path / "pairs.csv", "prompt_id,system_a,system_b\np1,slow,quick\n")
    write_jsonl(tmp_path / "judgments.jsonl", [judgment()])
    assert [row.file for row in only(rows_of("canonical", tmp_path), PairRow)] == ["pairs.csv"]


def test_a_repeat_under_another_round_or_criterion_is_another_judgment(tmp_path: Path) -> None:
    rows = [
        judgment(),
        judgment(round=1),
        judgment(criterion="clear"),
        judgment(annotator_id="w2"),
        judgment(prompt_id="p2"),
    ]
    assert len(only(rows_of("canonical", write_jsonl(tmp_path / "v.jsonl", rows)), JudgmentRow)) == 5


def test_a_repeat_is_refused_also_when_the_file_turns_it(tmp_path: Path) -> None:
    rows = [judgment(), judgment(system_a="slow", system_b="quick", outcome="b")]
    _, errors = read("canonical", write_jsonl(tmp_path / "v.jsonl", rows))
    assert [(e.line, e.field, e.code) for e in errors.rows] == [(2, "annotator_id", "duplicate_id")]
    assert "line 1" in errors.rows[0].message


def test_a_superseded_judgment_comes_before_the_one_that_supersedes_it(tmp_path: Path) -> None:
    rows = [judgment(superseded_by="j2"), judgment(outcome="b")]
    assert [
        row.outcome for row in only(rows_of("canonical", write_jsonl(tmp_path / "v.jsonl", rows)), JudgmentRow)
    ] == ["a", "b"]


def test_columns_of_the_record_that_have_no_field_are_kept_without_remark(tmp_path: Path) -> None:
    row = judgment(judgment_id="j1", split="test", mood="good", extra={"x": 1})
    rows, errors = read("canonical", write_jsonl(tmp_path / "v.jsonl", [row]))
    assert only(rows, JudgmentRow)[0].extra == {"x": 1, "judgment_id": "j1", "split": "test", "mood": "good"}
    assert [note.field for note in errors.notes] == ["mood"]


@pytest.mark.parametrize("outcome", ["a", "b", "tie", "both_bad", "abstain", "refused", "filtered", "invalid", "error"])
def test_every_outcome_of_the_record_is_read(tmp_path: Path, outcome: str) -> None:
    rows = rows_of("canonical", write_jsonl(tmp_path / "v.jsonl", [judgment(outcome=outcome)]))
    assert only(rows, JudgmentRow)[0].outcome == outcome


@pytest.mark.parametrize(
    "outcome", ["A", "TIE", "draw", "left", "model_a", "tie (bothbad)", "", " a", "1", 1, True, ["a"], 0.5]
)
def test_an_unknown_outcome_is_an_error_never_a_tie(tmp_path: Path, outcome: object) -> None:
    rows, errors = read("canonical", write_jsonl(tmp_path / "v.jsonl", [judgment(outcome=outcome)]))
    assert [(e.line, e.field, e.code) for e in errors.rows] == [(1, "outcome", "bad_enum")]
    assert only(rows, JudgmentRow) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"outcome": None}, "outcome", "missing"),
        ({"annotator_id": None}, "annotator_id", "missing"),
        ({"system_b": "quick"}, "system_b", "identical_responses"),
        ({"outcome": "a", "strength": 0}, "strength", "bad_range"),
        ({"outcome": "a", "strength": -1}, "strength", "bad_range"),
        ({"outcome": "b", "strength": 1}, "strength", "bad_range"),
        ({"outcome": "tie", "strength": 1}, "strength", "bad_range"),
        ({"outcome": "abstain", "strength": 0}, "strength", "bad_range"),
        ({"strength": 4}, "strength", "bad_range"),
        ({"strength": 1.5}, "strength", "wrong_type"),
        ({"strength": "1"}, "strength", "wrong_type"),
        ({"round": -1}, "round", "bad_range"),
        ({"round": 2**63}, "round", "bad_range"),
        ({"round": True}, "round", "wrong_type"),
        ({"active_ms": -5}, "active_ms", "bad_range"),
        ({"shown_order": "left"}, "shown_order", "bad_enum"),
        ({"annotator_kind": "import"}, "annotator_kind", "bad_enum"),
        ({"task_type": "ranking"}, "task_type", "bad_enum"),
        ({"submitted_at": "yesterday"}, "submitted_at", "wrong_type"),
        ({"submitted_at": "2026-01-31T09:30:00"}, "submitted_at", "wrong_type"),
        ({"submitted_at": 1769851800}, "submitted_at", "wrong_type"),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, "submitted_at", "wrong_type"),
        ({"submitted_at": "1901-01-01T00:00:00Z"}, "submitted_at", "bad_range"),
        ({"submitted_at": "9999-12-31T00:00:00Z"}, "submitted_at", "bad_range"),
        ({"started_at": "2026-01-31T09:30:01Z", "submitted_at": "2026-01-31T09:30:00Z"}, "submitted_at", "bad_range"),
        ({"p_a": 1.01}, "p_a", "bad_range"),
        ({"extra": [1]}, "extra", "wrong_type"),
        ({"rationale": {"a": 1}}, "rationale", "wrong_type"),
        ({"criterion": "c" * 101}, "criterion", "too_long"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(tmp_path: Path, changes: dict, field: str, code: str) -> None:
    rows, errors = read("canonical", write_jsonl(tmp_path / "v.jsonl", [judgment(**changes)]))
    assert [(e.file, e.line, e.field, e.code) for e in errors.rows] == [("v.jsonl", 1, field, code)]
    assert only(rows, JudgmentRow) == []


def test_an_annotator_that_changes_is_two_annotators(tmp_path: Path) -> None:
    for changes in ({"annotator_kind": "judge"}, {"annotator_family": "x"}, {"annotator_group": "x"}):
        rows = [judgment(), judgment(prompt_id="p2", **changes)]
        _, errors = read("canonical", write_jsonl(tmp_path / "v.jsonl", rows))
        assert [(e.line, e.field, e.code) for e in errors.rows] == [(2, "annotator_id", "conflict")]
