"""Windows of calendar time, as slices name them and as filters hold them."""

from datetime import date, timedelta

from calibration.views.tables.judgment_filters import NOTHING

NAMES = {"D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"}
MONTHS = {"M": 1, "Q": 3, "Y": 12}
DAYS = {"D": 1, "W": 7}


def filters(start: str, window: str) -> dict[str, str]:
    """Return the filters that hold the window that begins on a day; without a moment, those of rows without one."""
    if start == NOTHING or window not in NAMES:
        return {"dated": "no"} if start == NOTHING else {}
    first = date.fromisoformat(start)
    return {"since": first.isoformat(), "before": _end(first, window).isoformat()}


def _end(first: date, window: str) -> date:
    if window in DAYS:
        return first + timedelta(days=DAYS[window])
    months = first.year * 12 + first.month - 1 + MONTHS[window]
    return date(months // 12, months % 12 + 1, 1)
