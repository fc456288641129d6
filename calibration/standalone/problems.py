"""What is wrong with what was given, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from annotation.readers.errors import WHOLE_FILE, WHOLE_LINE, ErrorLog, RowError
from calibration.bayes.columns import UnusableFrame

SHOWN = 20
FRAME = "frame"


class BadInput(ValueError):
    """The input cannot be calibrated; the message names each place and what to do."""

    @classmethod
    def of(cls, log: ErrorLog) -> BadInput:
        """Tell the first problems of a log and how many there are."""
        told = [_told(row) for row in log.rows[:SHOWN]]
        if log.total > len(told):
            told.append(f"... and {log.total - len(told):,} problems more")
        return cls("\n".join(told))


def stop_at(log: ErrorLog) -> None:
    """Raise when anything was logged."""
    if log.total:
        raise BadInput.of(log)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a model refuses into what the caller of a calibration is told."""
    try:
        yield
    except UnusableFrame as error:
        raise BadInput(str(error)) from None


def _told(row: RowError) -> str:
    unit = "row" if row.file == FRAME else "line"
    place = [
        row.file,
        f"{unit} {row.line}" if row.line else "",
        "" if row.field in (WHOLE_FILE, WHOLE_LINE) else row.field,
    ]
    found = f" (found: {row.excerpt})" if row.excerpt else ""
    return f"{', '.join(part for part in place if part)}: {row.message}{found}"
