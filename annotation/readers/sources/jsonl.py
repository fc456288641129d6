"""JSON lines: one object a line, parsed strictly."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never

from annotation.readers.sources import lines, values
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Record, Refused

_LONGEST_INTEGER = 40
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"')


class StrictError(ValueError):
    """What the strict parser met inside a line."""

    def __init__(self, code: Any, message: str, excerpt: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.excerpt = code, message, excerpt


def read(path: Path, limits: Limits) -> Iterator[Record | Refused]:
    """Yield each object, or why its line cannot be read; blank lines are passed over."""
    for line in lines.read(path, limits):
        if isinstance(line, Refused):
            yield line
        elif line.text.strip():
            try:
                yield Record(file=path.name, line=line.number, values=_parse(line, limits))
            except Refused as refused:
                yield refused


def _parse(line: lines.Line, limits: Limits) -> dict[str, Any]:
    try:
        value = loads(line.text, limits)
    except Refused:
        raise
    except StrictError as fault:
        raise Refused(fault.code, fault.message, line=line.number, excerpt=fault.excerpt) from None
    except RecursionError:
        raise Refused(
            "too_deep", f"is nested deeper than {limits.depth} levels; flatten it", line=line.number
        ) from None
    except json.JSONDecodeError as error:
        if not line.closed:
            message = "the last line breaks off; the file was cut short, fetch or write it again"
            raise Refused("truncated", message, line=line.number, excerpt=line.text[-80:]) from None
        message = f"is not JSON: {error.msg} at character {error.pos + 1}; write one JSON object a line"
        raise Refused("bad_json", message, line=line.number, excerpt=line.text) from None
    if not isinstance(value, dict):
        message = "is not an object; write each row as {...} with named fields, one a line"
        raise Refused("wrong_type", message, line=line.number, excerpt=line.text)
    values.check(value, line=line.number, limits=limits)
    return value


def loads(text: str, limits: Limits) -> Any:
    """Parse strictly: no duplicate keys, no NaN or Infinity, no integer of absurd length, not too many values."""
    if len(text) > limits.nodes and _values(text) > limits.nodes:
        raise StrictError("too_large", f"holds more than {limits.nodes:,} values; shorten or split it")
    return _DECODER.decode(text)


def decode(text: str, limits: Limits) -> tuple[Any, int]:
    """Parse the value that a text begins with, as strictly, and return where it ends."""
    value, end = _DECODER.raw_decode(text)
    if end > limits.nodes and _values(text[:end]) > limits.nodes:
        raise StrictError("too_large", f"holds more than {limits.nodes:,} values; shorten or split it")
    return value, end


def _values(text: str) -> int:
    """Return how many values a JSON text holds at least, before any of them takes memory."""
    bare = _STRINGS.sub("", text)
    return bare.count(",") + bare.count("[") + bare.count("{")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise StrictError("duplicate_key", f"names {twice[:80]!r} twice; keep one", twice)
    return value


def _constant(name: str) -> Never:
    raise StrictError("nan", f"holds {name}; leave the field out or write null", name)


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise StrictError("bad_range", "holds an integer outside 64 bits; write a long number as text", digits)
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
