"""Small invented files, and what a reader makes of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from annotation.readers import FORMATS, ErrorLog, Row


def read(name: str, path: Path) -> tuple[list[Row], ErrorLog]:
    """Return all rows and errors of a file or folder in a format."""
    errors = ErrorLog()
    return list(FORMATS[name](path, errors)), errors


def rows_of(name: str, path: Path) -> list[Row]:
    """Return all rows of a file that must be right."""
    rows, errors = read(name, path)
    assert errors.total == 0, [str(error) for error in errors.rows]
    return rows


def only[Kind](rows: Sequence[object], kind: type[Kind]) -> list[Kind]:
    """Return the rows of one kind, in order."""
    return [row for row in rows if isinstance(row, kind)]


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8", newline="")
    return path


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def task(**changes: Any) -> dict[str, Any]:
    """Return a good row of a tasks file."""
    return {"prompt_id": "p1", "prompt": "Why?", "system": "quick", "response": "Because."} | changes


def judgment(**changes: Any) -> dict[str, Any]:
    """Return a good row of a judgments file."""
    return {"prompt_id": "p1", "system_a": "quick", "system_b": "slow", "annotator_id": "w1", "outcome": "a"} | changes
