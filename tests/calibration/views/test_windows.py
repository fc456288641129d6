import pytest

from calibration.views.tables import windows


@pytest.mark.parametrize(
    ("start", "window", "end"),
    [
        ("2026-02-28", "D", "2026-03-01"),
        ("2026-12-28", "W", "2027-01-04"),
        ("2026-12-01", "M", "2027-01-01"),
        ("2026-10-01", "Q", "2027-01-01"),
        ("2026-01-01", "Y", "2027-01-01"),
    ],
)
def test_a_window_ends_where_the_next_begins(start, window, end):
    assert windows.filters(start, window) == {"since": start, "before": end}


def test_rows_without_a_moment_are_asked_for_by_name():
    assert windows.filters("(none)", "W") == {"dated": "no"}
