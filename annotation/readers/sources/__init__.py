"""Rows of JSONL, CSV and Parquet files from strangers: streamed, capped, and each problem named with its place."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from annotation.readers.errors import WHOLE_FILE, ErrorLog
from annotation.readers.sources import csv_rows, json_array, jsonl
from annotation.readers.sources.limits import LIMITS, Limits
from annotation.readers.sources.records import Record, Refused

__all__ = ["LIMITS", "SUFFIXES", "Limits", "Record", "find", "records"]


def _parquet(path: Path, limits: Limits) -> Iterator[Record | Refused]:
    # Imported here: it brings numpy along, which a web process has no use for.
    from annotation.readers.sources import parquet

    return parquet.read(path, limits)


_READERS: dict[str, Callable[[Path, Limits], Iterator[Record | Refused]]] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".json": json_array.read,
    ".csv": csv_rows.read,
    ".parquet": _parquet,
}
SUFFIXES = tuple(_READERS)
_TABLES = (".csv", ".parquet")


def records(path: Path, errors: ErrorLog, limits: Limits = LIMITS, *, needs: Collection[str] = ()) -> Iterator[Record]:
    """Yield each readable row of a file; what cannot be read goes to the error log.

    A table without a column it needs is refused once, not once a row.
    """
    reader = _READERS.get(path.suffix.lower())
    if not path.is_file():
        _add(errors, path, Refused("no_file", "there is no such file; check the name", line=0, field=WHOLE_FILE))
    elif reader is None:
        message = f"is not one of {', '.join(SUFFIXES)}; save it as JSON lines, CSV or Parquet"
        _add(errors, path, Refused("bad_file", message, line=0, field=WHOLE_FILE))
    else:
        yield from _counted(path, reader(path, limits), errors, limits, needs if path.suffix.lower() in _TABLES else ())


def find(folder: Path, stem: str, errors: ErrorLog, *, required: bool) -> Path | None:
    """Return the one file of a folder with this name and a known suffix."""
    found = [folder / f"{stem}{suffix}" for suffix in SUFFIXES if (folder / f"{stem}{suffix}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        message = f"{names} stand side by side; keep one"
        _add(errors, found[0], Refused("conflict", message, line=0, field=WHOLE_FILE))
        return None
    if not found and required:
        message = f"the folder holds no {stem}.jsonl, {stem}.csv or {stem}.parquet; add one"
        _add(errors, folder, Refused("no_file", message, line=0, field=WHOLE_FILE))
    return found[0] if found else None


def _counted(
    path: Path, source: Iterator[Record | Refused], errors: ErrorLog, limits: Limits, needs: Collection[str]
) -> Iterator[Record]:
    rows = seen = 0
    for item in source:
        seen += 1
        if isinstance(item, Refused):
            _add(errors, path, item)
            if item.fatal:
                return
            continue
        rows += 1
        if rows == 1 and (absent := [name for name in needs if name not in item.values]):
            message = f"there is no such column, only {', '.join(item.values)}; add it, or give the columns their names"
            for name in absent:
                _add(errors, path, Refused("missing", message, line=1, field=name))
            return
        if rows > limits.rows:
            message = f"has more than {limits.rows:,} rows; split it"
            _add(errors, path, Refused("too_large", message, line=item.line))
            return
        yield item
    if not seen:
        message = "holds no rows; check that it is the right file"
        _add(errors, path, Refused("missing", message, line=0, field=WHOLE_FILE))


def _add(errors: ErrorLog, path: Path, refused: Refused) -> None:
    errors.add(
        file=path.name, line=refused.line, field=refused.field, code=refused.code,
        message=refused.message, excerpt=refused.excerpt,
    )  # fmt: skip
