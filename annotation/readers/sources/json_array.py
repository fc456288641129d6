"""A JSON file that is one array of objects; it is held in memory, so it may not be large."""

import json
from collections.abc import Iterator
from pathlib import Path

from annotation.readers.sources import values
from annotation.readers.sources.jsonl import StrictError, loads
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Record, Refused

FILE_BYTES = 100_000_000
NODES = 5_000_000


def read(path: Path, limits: Limits) -> Iterator[Record | Refused]:
    """Yield each object of the array, its place counted from 1."""
    if path.stat().st_size > min(FILE_BYTES, limits.file_bytes):
        yield Refused("too_large", "is too large for one JSON array; write one object a line", line=0, fatal=True)
        return
    whole = Limits(file_bytes=limits.file_bytes, rows=limits.rows, depth=limits.depth, nodes=NODES)
    try:
        found = loads(path.read_text("utf-8"), whole)
    except UnicodeDecodeError:
        yield Refused("bad_utf8", "is not UTF-8; save it as UTF-8", line=0, fatal=True)
        return
    except StrictError as fault:
        yield Refused(fault.code, fault.message, line=0, excerpt=fault.excerpt, fatal=True)
        return
    except (json.JSONDecodeError, RecursionError):
        yield Refused("bad_json", "is not one JSON array; check the end of the file", line=0, fatal=True)
        return
    if not isinstance(found, list):
        yield Refused("wrong_type", "is not an array of objects", line=0, fatal=True)
        return
    for number, value in enumerate(found, start=1):
        yield _row(path, number, value, limits)


def _row(path: Path, number: int, value: object, limits: Limits) -> Record | Refused:
    if not isinstance(value, dict):
        return Refused("wrong_type", "is not an object; write each row as {...}", line=number)
    try:
        values.check(value, line=number, limits=limits)
    except Refused as refused:
        return refused
    return Record(file=path.name, line=number, values=value)
