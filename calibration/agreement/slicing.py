"""Cut a frame into slices by a column."""

import numpy as np
import pandas as pd

from calibration.agreement.coding import Ints
from calibration.agreement.frames import MissingColumns

NONE = "(none)"
WINDOWS = ("D", "W", "M", "Q", "Y")


class UnknownWindow(ValueError):
    """A length of time windows that is none of those offered."""

    def __init__(self, window: str) -> None:
        super().__init__(f"a window is one of {', '.join(WINDOWS)} (day to year), not {window!r}")


def members(frame: pd.DataFrame, *, by: str, window: str = "W") -> dict[str, Ints]:
    """Return the positions of the rows of each slice, named "by=value", in the order of the values.

    Parameters
    ----------
    frame
        Any frame.
    by
        Column; values that are lists or tuples put their row into several slices, moments are cut into windows.
    window
        A pandas period: D, W, M, Q or Y.

    Raises
    ------
    MissingColumns
        If there is no such column.
    UnknownWindow
        If the window is none of those.
    """
    if window not in WINDOWS:
        raise UnknownWindow(window)
    if by not in frame:
        raise MissingColumns([by])
    column = frame[by].reset_index(drop=True)
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        column = _windows(column, window)
    elif column.dtype == object:
        column = column.explode()
    codes, values = pd.factorize(column.astype(object).where(column.notna(), None).map(_text), sort=True)
    positions = column.index.to_numpy()
    return {f"{by}={value}": np.unique(positions[codes == code]) for code, value in enumerate(values)}


def _windows(moments: pd.Series, window: str) -> pd.Series:
    return moments.dt.tz_localize(None).dt.to_period(window).dt.start_time.dt.strftime("%Y-%m-%d")


def _text(value: object) -> str:
    return NONE if value is None else str(value)
