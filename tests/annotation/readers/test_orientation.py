"""Which response the file calls a must not matter."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.readers import orientation
from annotation.readers.rows import JudgmentRow, PairRow
from tests.annotation.readers.files import only, rows_of, write_jsonl

SWAPPED = {"a": "b", "b": "a", "ab": "ba", "ba": "ab"}
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=6)
STRENGTHS = {"a": [None, 1, 2, 3], "b": [None, -1, -2, -3], "tie": [None, 0], "both_bad": [None, 0]}


@st.composite
def judgments(draw: st.DrawFn) -> dict[str, Any]:
    sides = draw(st.lists(st.tuples(NAMES, st.sampled_from(["", "1", "2"])), min_size=2, max_size=2, unique=True))
    outcome = draw(st.sampled_from(["a", "b", "tie", "both_bad", "abstain", "invalid"]))
    (system_a, response_a), (system_b, response_b) = sides
    return {
        "prompt_id": draw(NAMES), "system_a": system_a, "response_a_id": response_a, "system_b": system_b,
        "response_b_id": response_b, "annotator_id": draw(NAMES), "outcome": outcome,
        "strength": draw(st.sampled_from(STRENGTHS.get(outcome, [None]))),
        "shown_order": draw(st.sampled_from([None, "ab", "ba"])),
        "system_a_family": None, "system_b_family": None,
        "length_a": draw(st.integers(0, 9)), "length_b": draw(st.integers(0, 9)),
    }  # fmt: skip


def turned(row: dict[str, Any]) -> dict[str, Any]:
    """Tell the same judgment from the other side, as a file would."""
    other = dict(row)
    for name in ("system_{}", "response_{}_id", "system_{}_family", "length_{}"):
        other[name.format("a")], other[name.format("b")] = row[name.format("b")], row[name.format("a")]
    other["outcome"] = SWAPPED.get(row["outcome"], row["outcome"])
    other["shown_order"] = SWAPPED.get(row["shown_order"])
    other["strength"] = None if row["strength"] is None else -row["strength"]
    return other


def read_one(row: dict[str, Any]) -> tuple[JudgmentRow, PairRow]:
    with TemporaryDirectory() as folder:
        rows = rows_of("canonical", write_jsonl(Path(folder) / "votes.jsonl", [row]))
    return only(rows, JudgmentRow)[0], only(rows, PairRow)[0]


@given(judgments())
@settings(max_examples=150, deadline=None)
def test_swapping_the_sides_in_the_file_changes_nothing(row: dict[str, Any]) -> None:
    assert turned(turned(row)) == row
    judged, pair = read_one(row)
    assert (judged, pair) == read_one(turned(row))
    assert (judged.system_a, judged.response_a) < (judged.system_b, judged.response_b)
    assert (judged.system_a, judged.response_a, judged.system_b, judged.response_b) == (
        pair.system_a, pair.response_a, pair.system_b, pair.response_b,
    )  # fmt: skip


@given(judgments())
@settings(max_examples=100, deadline=None)
def test_what_was_preferred_and_shown_first_stays_the_same_response(row: dict[str, Any]) -> None:
    judged, _ = read_one(row)
    told = {"a": (row["system_a"], row["response_a_id"]), "b": (row["system_b"], row["response_b_id"])}
    read = {"a": (judged.system_a, judged.response_a), "b": (judged.system_b, judged.response_b)}
    assert read.get(judged.outcome) == told.get(row["outcome"])
    assert read.get((judged.shown_order or "-")[0]) == told.get((row["shown_order"] or "-")[0])
    lengths = {told["a"]: row["length_a"], told["b"]: row["length_b"]}
    assert {read["a"]: judged.extra["length_a"], read["b"]: judged.extra["length_b"]} == lengths


@given(judgments())
@settings(max_examples=50, deadline=None)
def test_turning_twice_changes_nothing(row: dict[str, Any]) -> None:
    judged, _ = read_one(row)
    assert orientation.turned(orientation.turned(judged)) == judged
    assert orientation.canonical(orientation.turned(judged)) == judged
    assert orientation.canonical(judged) is judged


def test_order_is_by_code_point_not_by_alphabet(tmp_path: Path) -> None:
    row = {"prompt_id": "p", "system_a": "alpha", "system_b": "Zeta", "annotator_id": "w", "outcome": "a"}
    judged = only(rows_of("canonical", write_jsonl(tmp_path / "v.jsonl", [row])), JudgmentRow)[0]
    assert (judged.system_a, judged.outcome) == ("Zeta", "b")


def test_a_column_without_its_partner_is_not_turned() -> None:
    row = json.loads(
        '{"prompt_id": "p", "system_a": "b", "system_b": "a", "annotator_id": "w", "outcome": "a", "only_a": 1}'
    )
    judged, _ = read_one(row)
    assert judged.extra == {"only_a": 1}
    assert replace(judged, extra={}) == read_one({key: row[key] for key in row if key != "only_a"})[0]
