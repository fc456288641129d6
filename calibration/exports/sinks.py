"""Where rows go: JSON lines, one JSON array, CSV; streamed, each with bytes that depend on the rows alone."""

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from calibration.exports.files import line, plain

TRIGGERS = frozenset("=+-@\t\r")


class Sink(Protocol):
    rows: int

    def write(self, row: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class JsonLines:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.rows = 0

    def write(self, row: Mapping[str, Any]) -> None:
        self._file.write(line(row))
        self.rows += 1

    def close(self) -> None:
        self._file.close()


class JsonArray:
    """One array, one element a line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(b"[")
        self.rows = 0

    def write(self, row: Mapping[str, Any]) -> None:
        self._file.write((b",\n" if self.rows else b"\n") + line(row)[:-1])
        self.rows += 1

    def close(self) -> None:
        self._file.write(b"\n]\n")
        self._file.close()


class Csv:
    """RFC 4180; an empty cell is no value, `""` an empty text. A guarded cell cannot become a formula."""

    def __init__(self, path: Path, *, guard: bool) -> None:
        self._file = path.open("wb")
        self._guard = guard
        self._names: tuple[str, ...] = ()
        self.rows = self.guarded = 0

    def write(self, row: Mapping[str, Any]) -> None:
        if not self._names:
            self._names = tuple(row)
            self._put(self._names)
        self._put(row[name] for name in self._names)
        self.rows += 1

    def close(self) -> None:
        self._file.close()

    def _put(self, cells: Any) -> None:
        self._file.write(",".join(self._cell(cell) for cell in cells).encode() + b"\r\n")

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            return str(plain(value))
        if self._guard and is_formula(value):
            self.guarded += 1
            value = "'" + value
        return '"' + value.replace('"', '""') + '"' if not value or set(value) & set(',"\r\n') else value


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet might take a text for a formula; a number is none."""
    # A tab or return at the start counts, a space is passed over; full-width signs count as plain ones.
    start = unicodedata.normalize("NFKC", text[:200].lstrip(" \u00a0\u3000\ufeff\n\x0b\x0c"))[:1]
    return start in TRIGGERS and start != "" and not _is_number(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.strip() == text and text.isascii()


def sink(path: Path, *, guard: bool) -> JsonLines | JsonArray | Csv:
    """Return the sink that a file's name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        return Csv(path, guard=guard)
    return JsonLines(path) if path.suffix == ".jsonl" else JsonArray(path)
