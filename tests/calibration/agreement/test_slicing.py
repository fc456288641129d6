import pandas as pd
import pytest
from hypothesis import given, settings

from calibration.agreement.comparisons import comparisons, slices
from calibration.agreement.frames import MissingColumns
from calibration.agreement.slicing import UnknownWindow, members
from tests.calibration.agreement.measured import frame_of
from tests.calibration.agreement.strategies import frames


def positions(frame: pd.DataFrame, **kwargs: str) -> dict[str, list[int]]:
    return {name: rows.tolist() for name, rows in members(frame, **kwargs).items()}


def test_each_value_is_a_slice_in_order() -> None:
    frame = pd.DataFrame({"pool": ["b", "a", "b"]}, index=[7, 7, 9])
    assert positions(frame, by="pool") == {"pool=a": [1], "pool=b": [0, 2]}


def test_a_row_counts_in_each_of_its_tags_once() -> None:
    frame = pd.DataFrame({"tags": [("code", "hard"), (), ("code", "code")]})
    assert positions(frame, by="tags") == {"tags=(none)": [1], "tags=code": [0, 2], "tags=hard": [0]}


def test_rows_without_a_value_are_a_slice_of_their_own() -> None:
    frame = pd.DataFrame({"language": ["de", None, float("nan")]})
    assert positions(frame, by="language") == {"language=(none)": [1, 2], "language=de": [0]}


def test_moments_are_cut_into_calendar_windows() -> None:
    moments = pd.to_datetime(["2026-03-02T23:00Z", "2026-03-08T01:00Z", "2026-03-09T00:00Z", None], format="ISO8601")
    frame = pd.DataFrame({"submitted_at": moments})
    assert positions(frame, by="submitted_at", window="W") == {
        "submitted_at=(none)": [3], "submitted_at=2026-03-02": [0, 1], "submitted_at=2026-03-09": [2],
    }  # fmt: skip
    assert positions(frame, by="submitted_at", window="M") == {
        "submitted_at=(none)": [3], "submitted_at=2026-03-01": [0, 1, 2],
    }  # fmt: skip


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(MissingColumns, match="pool"):
        members(pd.DataFrame({"tags": []}), by="pool")


def test_a_window_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownWindow, match="fortnight"):
        members(pd.DataFrame({"submitted_at": []}), by="submitted_at", window="fortnight")


def test_slices_measure_each_value_of_a_column_by_itself() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "y", "a"), ("2", "x", "a"), ("2", "y", "b"))
    frame["pool"] = ["code", "code", "chat", "chat"]
    found = slices(frame, by="pool", who=("human",), metrics=("percent_pooled",), seed=1, n_boot=0)
    assert [(record.slice, record.value, record.n_units) for record in found] == [
        ("pool=chat", 0.0, 1), ("pool=code", 1.0, 1),
    ]  # fmt: skip


def test_a_slice_keeps_the_outcomes_that_its_criterion_offers() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "y", "b"), ("2", "x", "tie"), ("2", "y", "a"))
    frame["pool"] = ["code", "code", "chat", "chat"]
    found = slices(frame, by="pool", who=("human",), metrics=("brennan_prediger",), seed=1, n_boot=0)
    assert {record.slice: record.value for record in found}["pool=code"] == pytest.approx(-0.5)


@given(frame=frames())
@settings(deadline=None, max_examples=20)
def test_a_slice_of_everything_is_the_whole(frame: pd.DataFrame) -> None:
    whole = comparisons(frame, who=("all", "human"), seed=3, n_boot=30)
    sliced = slices(frame.assign(pool="only"), by="pool", seed=3, n_boot=30)
    assert [record.as_dict() | {"slice": "pool=only"} for record in whole] == [record.as_dict() for record in sliced]
