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
        if isinstance(value, str):
            _check_text(value, line, place, limits)
        elif isinstance(value, dict | list):
            if depth >= limits.depth:
                message = f"is nested deeper than {limits.depth} levels; flatten it"
                raise Refused("too_deep", message, line=line, field=_name(place))
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(key, str):
                    _check_text(key, line, place, limits)
                stack.append((inner, f"{place}/{str(key)[:80]}", depth + 1))
        elif value is not None:
            _check_scalar(value, line, place)


def _name(place: str) -> str:
    """Return a plain column name for the first level, a JSON pointer below it."""
    return place[1:] if place.count("/") == 1 else place or WHOLE_LINE


def _check_scalar(value: Any, line: int, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        message = "is not a finite number; leave it out or write null"
        raise Refused("nan", message, line=line, field=_name(place), excerpt=value)
    if isinstance(value, int) and not -INT64 <= value < INT64:
        message = "is outside 64 bits; write a long number as text"
        raise Refused("bad_range", message, line=line, field=_name(place), excerpt=_digits(value))
    if not isinstance(value, int | float | bool | datetime | date):
        message = f"is of type {type(value).__name__}; convert it to text, a number, true or false, a list or an object"
        raise Refused("wrong_type", message, line=line, field=_name(place))


def _check_text(text: str, line: int, place: str, limits: Limits) -> None:
    if len(text) > limits.line_bytes:
        message = f"is longer than {limits.line_bytes:,} characters; shorten it"
        raise Refused("too_long", message, line=line, field=_name(place), excerpt=text[:80])
    if found := _UNSTORABLE.search(text):
        kind = "a NUL character" if found.group() == "\x00" else "half of a surrogate pair"
        around = text[max(0, found.start() - 20) : found.start() + 20]
        message = f"holds {kind} at character {found.start() + 1}; remove it"
        raise Refused("bad_text", message, line=line, field=_name(place), excerpt=around)


def _digits(value: int) -> str:
    return f"a number of about {int(value.bit_length() * math.log10(2)) + 1} digits"
