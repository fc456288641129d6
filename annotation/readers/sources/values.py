"""Check parsed values: depth, size, numbers and characters that could not be stored."""

import math
import re
from datetime import date, datetime
from typing import Any

from annotation.readers.errors import WHOLE_LINE
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Refused

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
INT64 = 2**63


def check(values: dict[str, Any], *, line: int, limits: Limits) -> None:
    """Refuse a row that holds anything the database could not, naming the place as a JSON pointer."""
    stack: list[tuple[Any, str, int]] = [(values, "", 0)]
    nodes = 0
    while stack:
        value, place, depth = stack.pop()
        nodes += 1
        if nodes + len(stack) > limits.nodes:
            raise Refused("too_large", f"holds more than {limits.nodes:,} values; shorten or split it", line=line)
        if isinstance(value, dict | list) and depth >= limits.depth:
            raise Refused(
                "too_deep", f"is nested deeper than {limits.depth} levels; flatten it", line=line, field=_name(place)
            )
        if isinstance(value, dict):
            for key, inner in value.items():
                _check_text(key, line, _name(place))
                stack.append((inner, f"{place}/{key[:80]}", depth + 1))
        elif isinstance(value, list):
            stack.extend((inner, f"{place}/{index}", depth + 1) for index, inner in enumerate(value))
        else:
            _check_scalar(value, line, _name(place))


def _name(place: str) -> str:
    """Return a plain column name for the first level, a JSON pointer below it."""
    return place[1:] if place.count("/") == 1 else place or WHOLE_LINE


def _check_scalar(value: Any, line: int, field: str) -> None:
    if isinstance(value, str):
        _check_text(value, line, field)
    elif isinstance(value, float) and not math.isfinite(value):
        raise Refused(
            "nan", "is not a finite number; leave it out or write null", line=line, field=field, excerpt=value
        )
    elif isinstance(value, int) and not -INT64 <= value < INT64:
        raise Refused(
            "bad_range",
            "is outside 64 bits; write a long number as text",
            line=line,
            field=field,
            excerpt=_digits(value),
        )
    elif not isinstance(value, str | int | float | bool | datetime | date | type(None)):
        message = f"is of type {type(value).__name__}; convert it to text, a number, true or false, a list or an object"
        raise Refused("wrong_type", message, line=line, field=field)


def _check_text(text: str, line: int, field: str) -> None:
    found = _UNSTORABLE.search(text)
    if found:
        kind = "a NUL character" if found.group() == "\x00" else "half of a surrogate pair"
        around = text[max(0, found.start() - 20) : found.start() + 20]
        raise Refused(
            "bad_text",
            f"holds {kind} at character {found.start() + 1}; remove it",
            line=line,
            field=field,
            excerpt=around,
        )


def _digits(value: int) -> str:
    return f"a number of about {int(value.bit_length() * math.log10(2)) + 1} digits"
