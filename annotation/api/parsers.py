import codecs
import json
import math
from collections.abc import Iterator
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 100_000
INT64 = 2**63


class StrictJSONParser(BaseParser):
    """Read JSON that PostgreSQL can store: UTF-8, no duplicate keys, no NaN, no NUL, bounded depth and size."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ParseError(f"The body is larger than {MAX_BYTES} bytes. Send less, or import a file.")
        return parse(raw)


def parse(raw: bytes) -> Any:
    if raw.startswith(codecs.BOM_UTF8):
        raise ParseError("The body begins with a byte order mark. Send plain UTF-8.")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except (ValueError, RecursionError) as error:
        raise ParseError(f"The body is not JSON: {str(error)[:200] or 'nested too deeply'}") from None
    for count, (item, depth) in enumerate(_walk(value)):
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise ParseError(f"The body is nested deeper than {MAX_DEPTH} or has more than {MAX_NODES} values.")
        if isinstance(item, str) and not _storable(item):
            raise ParseError("A text holds a NUL or half a surrogate pair. Remove it.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("the same key stands twice in one object")
    return dict(pairs)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -INT64 <= (number := int(digits)) < INT64:
        raise ValueError("a whole number needs more than 64 bits")
    return number


def _float(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError("a number is too large")
    return number


def _walk(value: Any) -> Iterator[tuple[Any, int]]:
    todo = [(value, 1)]
    while todo:
        item, depth = todo.pop()
        yield item, depth
        if isinstance(item, dict):
            todo += [(key, depth + 1) for key in item] + [(child, depth + 1) for child in item.values()]
        elif isinstance(item, list):
            todo += [(child, depth + 1) for child in item]


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
