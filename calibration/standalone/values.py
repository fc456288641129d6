"""One value of a column: read it as what the column promises, or say what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from annotation.readers.errors import Code

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_NUMBER = 40


class BadValue(ValueError):
    """A value is not what its column promises."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an input: its name, how a value is read, and whether every row needs one."""

    name: str
    read: Callable[[Any], Any]
    needed: bool = False


def text(value: Any) -> str | None:
    """Keep text as it stands; whole numbers become text, blank text no value."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadValue("wrong_type", f"is {_named(value)}; write it as text, so that it keeps its form")
    if _UNWRITABLE.search(value):
        raise BadValue("bad_text", "holds a NUL character or half of a surrogate pair; remove it")
    return value if value.strip() else None


def choice(*allowed: str) -> Callable[[Any], str | None]:
    """Make a reader of one word out of a closed list."""

    def read(value: Any) -> str | None:
        if value == "" or (isinstance(value, str) and value in allowed):
            return value or None
        raise BadValue("bad_enum", f"must be one of {', '.join(allowed)}; correct it or leave the row out")

    return read


def number(value: Any) -> float | None:
    """Read a finite number; digits in a text are read too."""
    if isinstance(value, str):
        if not value.strip():
            return None
        value = _parsed(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue("wrong_type", "must be a number; correct it or leave it empty")
    if not math.isfinite(value):
        raise BadValue("nan", "is not a finite number; leave it empty")
    return float(value)


def length(value: Any) -> float | None:
    """Read a number of characters."""
    found = number(value)
    if found is not None and found < 0:
        raise BadValue("bad_range", "is a length below 0; correct it or leave it empty")
    return found


def whole(value: Any) -> float | None:
    """Read a whole number."""
    found = number(value)
    if found is not None and not found.is_integer():
        raise BadValue("bad_range", "must be a whole number; correct it or leave it empty")
    return found


def count(value: Any) -> float | None:
    """Read a whole number, 0 or more."""
    found = whole(value)
    if found is not None and found < 0:
        raise BadValue("bad_range", "must be 0 or more; correct it or leave it empty")
    return found


def moment(value: Any) -> datetime | None:
    """Read a moment from ISO 8601 text or a timestamp; without a zone it is UTC."""
    if isinstance(value, str) and not value.strip():
        return None
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime(found.year, found.month, found.day)
        if not isinstance(found, datetime):
            raise TypeError
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise BadValue("wrong_type", "must be a moment such as 2026-01-31T09:30:00Z; correct it") from None


def _parsed(value: str) -> float | None:
    try:
        return float(value) if len(value) <= _LONGEST_NUMBER and value.isascii() and "_" not in value else None
    except ValueError:
        return None


def _named(value: Any) -> str:
    names: tuple[tuple[type, str], ...] = ((bool, "true or false"), (float, "a number with a decimal point"))
    return next((name for kind, name in names if isinstance(value, kind)), f"of type {type(value).__name__}")
