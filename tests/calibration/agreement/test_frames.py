import pandas as pd
import pytest

from calibration.agreement.frames import MissingColumns, MixedKinds, UnknownValues, by_criterion, read

GOOD = pd.DataFrame(
    {
        "item": ["1", "1", "2"],
        "annotator": ["x", "y", "x"],
        "annotator_kind": ["human", "judge", "human"],
        "system_a": "amber",
        "system_b": "birch",
        "outcome": ["a", "tie", "b"],
        "round": 0,
        "submitted_at": pd.NaT,
    }
)


@pytest.mark.parametrize("column", ["item", "annotator", "outcome"])
def test_needed_columns_are_needed(column: str) -> None:
    with pytest.raises(MissingColumns, match=column):
        read(GOOD.drop(columns=column))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("item", None),
        ("annotator", float("nan")),
        ("system_b", None),
        ("outcome", None),
        ("outcome", "A"),
        ("outcome", "abstain"),
        ("annotator_kind", "robot"),
        ("annotator_kind", None),
        ("round", "first"),
        ("round", float("nan")),
    ],
)
def test_values_that_must_not_be_are_refused_with_their_column(column: str, value: object) -> None:
    frame = GOOD.astype({column: object})
    frame.loc[1, column] = value
    with pytest.raises(UnknownValues, match="system" if column == "system_b" else column):
        read(frame)


def test_a_moment_that_is_none_is_refused_where_it_decides() -> None:
    frame = pd.concat([GOOD, GOOD.head(1)]).assign(submitted_at=["2026-01-01", None, None, "yesterday or so"])
    with pytest.raises(UnknownValues, match="yesterday"):
        read(frame)


def test_an_annotator_is_human_or_judge_but_not_both() -> None:
    with pytest.raises(MixedKinds, match="'x'"):
        read(GOOD.assign(annotator_kind=["human", "human", "judge"]))


def test_a_file_may_say_llm_for_judge_and_leave_out_what_is_optional() -> None:
    named = read(GOOD.assign(annotator_kind=["human", "llm", "human"]))
    assert named.kind.tolist() == read(GOOD).kind.tolist() == [0, 1, 0]
    assert read(GOOD[["item", "annotator", "outcome"]]).kind.tolist() == [0, 0, 0]


def test_rows_with_the_later_system_first_are_turned_round() -> None:
    frame = GOOD.assign(system_a=["birch", "amber", "birch"], system_b=["amber", "birch", "amber"])
    assert read(frame).outcome.tolist() == [0, 1, 2]
    assert read(frame).unit.tolist() == [0, 0, 1]


@pytest.mark.parametrize("dtype", [object, "str", "category"])
def test_any_kind_of_text_column_reads_the_same(dtype: object) -> None:
    text = ["item", "annotator", "annotator_kind", "system_a", "system_b", "outcome"]
    rows = read(GOOD.astype(dict.fromkeys(text, dtype)))
    assert (rows.unit.tolist(), rows.annotator.tolist(), rows.outcome.tolist()) == ([0, 0, 1], [0, 1, 0], [2, 1, 0])
    assert rows.annotator_ids == ("x", "y")


def test_criteria_come_in_order_and_rows_without_one_first() -> None:
    frame = GOOD.assign(criterion=["tone", None, "facts"])
    assert [(name, len(part)) for name, part in by_criterion(frame)] == [(None, 1), ("facts", 1), ("tone", 1)]
    assert [(name, len(part)) for name, part in by_criterion(GOOD)] == [(None, 3)]
