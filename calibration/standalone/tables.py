"""An input as it was given: columns of raw values, and the line each row stands on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from annotation.readers import sources
from annotation.readers.errors import WHOLE_FILE, ErrorLog
from calibration.standalone.problems import FRAME, BadInput, stop_at

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """Raw values by column, None where there is none; ``lines`` count from 1, in a frame its rows."""

    name: str
    columns: dict[str, list[Any]]
    lines: list[int]
    unused: tuple[str, ...]
    sha256: str


def read(source: pd.DataFrame | Path | str, known: Collection[str], needs: Collection[str] = ()) -> Table:
    """Take the known columns of a frame or of a CSV, JSON lines or Parquet file; remember the names of the others.

    Raises
    ------
    BadInput
        When the file cannot be read, names its line; or a table lacks a column that it needs.
    """
    if isinstance(source, pd.DataFrame):
        return _of_frame(source, known, needs)
    return _of_file(Path(source), known, needs)


def headings(source: pd.DataFrame | Path | str) -> set[str]:
    """Name the columns of an input; of a file those of its first row."""
    if isinstance(source, pd.DataFrame):
        return set(map(str, source.columns))
    log = ErrorLog()
    first = next(iter(_records(Path(source), log, ())), None)
    if first is None:
        stop_at(log)
    return set() if first is None else set(first.values)


def _of_file(path: Path, known: Collection[str], needs: Collection[str]) -> Table:
    log = ErrorLog()
    columns: dict[str, list[Any]] = {name: [] for name in known}
    lines: list[int] = []
    seen: dict[str, None] = {}
    texts: dict[str, str] = {}
    for record in _records(path, log, needs):
        lines.append(record.line)
        seen.update(dict.fromkeys(record.values))
        for name, values in columns.items():
            value = record.values.get(name)
            # equal texts are one object, or a million rows would not fit
            values.append(texts.setdefault(value, value) if isinstance(value, str) else value)
    stop_at(log)
    kept = {name: values for name, values in columns.items() if name in seen}
    return Table(path.name, kept, lines, tuple(name for name in seen if name not in columns), file_sha256(path))


def _records(path: Path, log: ErrorLog, needs: Collection[str]) -> Any:
    try:
        yield from sources.records(path, log, needs=needs)
    except OSError as error:
        log.add(file=path.name, line=0, field=WHOLE_FILE, code="no_file", message=f"cannot be read: {error.strerror}")


def file_sha256(path: Path) -> str:
    """Hash a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _of_frame(frame: pd.DataFrame, known: Collection[str], needs: Collection[str]) -> Table:
    names = list(map(str, frame.columns))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"The frame has several columns named {', '.join(twice)}; keep one of each.")
    if absent := [name for name in needs if name not in names]:
        raise BadInput(f"The frame lacks the column {', '.join(absent)}; it has {', '.join(names) or 'none'}.")
    if frame.empty:
        raise BadInput("The frame has no rows.")
    columns = {name: _raw(frame.iloc[:, place]) for place, name in enumerate(names) if name in known}
    unused = tuple(name for name in names if name not in known)
    return Table(FRAME, columns, list(range(1, len(frame) + 1)), unused, frame_sha256(columns))


def _raw(column: pd.Series) -> list[Any]:
    values = column.astype(object)
    return values.where(values.notna().to_numpy(bool), None).tolist()


def frame_sha256(columns: dict[str, list[Any]]) -> str:
    """Hash the columns of a frame that are read, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(columns):
        digest.update(repr((name, columns[name])).encode(errors="surrogatepass"))
    return digest.hexdigest()
