"""Files of judging tools: rows of our own in their formats."""

import json

import pytest

from annotation.readers import FORMATS, ErrorLog
from annotation.readers.rows import AnnotatorRow, JudgmentRow


def read(tmp_path, form, rows, name="file.jsonl"):
    path = tmp_path / name
    lines = json.dumps(rows) if name.endswith(".json") else "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(lines)
    errors = ErrorLog()
    return list(FORMATS[form](path, errors)), errors


def told(rows):
    return [
        (row.system_a, row.system_b, row.outcome, row.shown_order, row.round, row.strength)
        for row in rows
        if isinstance(row, JudgmentRow)
    ]


MT = {
    "question_id": 81, "model_1": "willow", "model_2": "alder", "g1_winner": "model_1", "g2_winner": "error",
    "judge": ["gpt-4", "pair-v2"], "g1_judgment": "[[A]]", "g2_judgment": "$ERROR$", "turn": 1,
}  # fmt: skip


ALPACA = {"instruction": "x", "generator_1": "a", "generator_2": "b", "annotator": "j"}
HARD = {"question_id": "q1", "model": "willow", "judge": "gpt-4"}


def test_mt_bench_pairs_are_two_rounds_and_an_error_is_no_tie(tmp_path):
    rows, errors = read(tmp_path, "mt_bench_judgments", [MT])
    assert not errors.total
    assert told(rows) == [("alder", "willow", "b", "ba", 0, None), ("alder", "willow", "invalid", "ab", 1, None)]
    (judge,) = [row for row in rows if isinstance(row, AnnotatorRow)]
    assert (judge.annotator_id, judge.kind, judge.family) == ("mt_bench:gpt-4 pair-v2", "judge", "openai")


def test_mt_bench_grades_are_ratings_and_a_failed_one_has_no_score(tmp_path):
    grade = {"question_id": 81, "model": "alder", "judge": ["gpt-4", "single-v1"], "turn": 1, "judgment": "fine"}
    rows, errors = read(tmp_path, "mt_bench_judgments", [grade | {"score": 9}, grade | {"score": -1, "turn": 2}])
    assert not errors.total
    graded = [(row.prompt_id, row.outcome, row.score) for row in rows if isinstance(row, JudgmentRow)]
    assert graded == [("81:1", "rated", 9), ("81:2", "invalid", None)]


def test_arena_hard_is_graded_in_shown_terms(tmp_path):
    games = [{"score": "A>>B", "judgment": "x"}, {"score": "A>B"}]
    rows, errors = read(
        tmp_path, "arena_hard", [{"question_id": "q1", "model": "willow", "judge": "gpt-4", "games": games}]
    )
    assert not errors.total
    # gpt-4-0314 is a; it is read first in the first game, the model in the second.
    assert told(rows) == [("gpt-4-0314", "willow", "a", "ab", 0, 3), ("gpt-4-0314", "willow", "b", "ba", 1, -1)]
    rows, _ = read(
        tmp_path, "arena_hard", [{"question_id": "q1", "model": "w", "judge": "j", "games": [{"score": None}] * 2}]
    )
    assert [row[2] for row in told(rows)] == ["invalid", "invalid"]


@pytest.mark.parametrize(
    ("preference", "outcome", "p_a"),
    [(1, "b", 0.0), (2.0, "a", 1.0), (1.5, "tie", 0.5), (0, "tie", 0.5), (1.25, "b", 0.25), (None, "invalid", None)],
)
def test_alpaca_eval_preferences_are_turned_with_their_probability(tmp_path, preference, outcome, p_a):
    row = {
        "instruction": "Name a tree.", "output_1": "Willow.", "generator_1": "willow", "output_2": "Alder.",
        "generator_2": "alder", "annotator": "judge-1", "preference": preference,
    }  # fmt: skip
    rows, errors = read(tmp_path, "alpaca_eval", [row], "annotations.json")
    assert not errors.total
    (said,) = [found for found in rows if isinstance(found, JudgmentRow)]
    assert (said.outcome, said.extra.get("p_a"), said.shown_order) == (outcome, p_a, None)


@pytest.mark.parametrize(
    ("form", "rows"),
    [
        ("mt_bench_judgments", [MT | {"g1_winner": "A"}]),
        ("mt_bench_judgments", [MT | {"model_2": "willow"}]),
        ("mt_bench_judgments", [MT, MT]),
        ("arena_hard", [HARD | {"games": [{"score": "A>>>B"}]}]),
        ("arena_hard", [HARD | {"games": "none"}]),
        (
            "alpaca_eval",
            [ALPACA | {"preference": 0.5}],
        ),
    ],
)
def test_what_a_format_does_not_promise_is_refused_with_its_line(tmp_path, form, rows):
    _, errors = read(tmp_path, form, rows)
    assert errors.total


@pytest.mark.parametrize("text", ["{}", "[1]", "[", '[{"a": NaN}]', '[{"a": 1, "a": 2}]', "\ufeff["])
def test_json_that_is_no_array_of_objects_is_refused(tmp_path, text):
    path = tmp_path / "file.json"
    path.write_text(text)
    errors = ErrorLog()
    assert list(FORMATS["alpaca_eval"](path, errors)) == []
    assert errors.total
