import pandas as pd
import pytest

from calibration.agreement.frames import MissingColumns
from calibration.agreement.slicing import UnknownWindow, members


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
