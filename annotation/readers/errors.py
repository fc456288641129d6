"""What is wrong with an imported file: where, which rule, and what to do."""

import re
import reprlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Code = Literal[
    "bad_csv", "bad_enum", "bad_file", "bad_json", "bad_parquet", "bad_range", "bad_text", "bad_utf8", "bom",
    "conflict", "duplicate_id", "duplicate_key", "empty_response", "identical_responses", "missing", "nan", "no_file",
    "prompt_mismatch", "too_deep", "too_large", "too_long", "truncated", "unknown_ref", "wrong_type",
]  # fmt: skip
CODES: frozenset[str] = frozenset(get_args(Code))

KEPT = 100
EXCERPT = 80
WHOLE_LINE = "(line)"
WHOLE_FILE = "(file)"

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True)
class RowError:
    """One refused value. Line 0 means the file as a whole."""

    file: str
    line: int
    field: str
    code: Code
    message: str
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.field}: {self.message}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the error as the API and the page show it."""
        return {
            "file": self.file, "line": self.line, "field": self.field,
            "code": self.code, "message": self.message, "excerpt": self.excerpt,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know that does not stop the import."""

    file: str
    field: str
    message: str


@dataclass(slots=True)
class ErrorLog:
    """Count every error, keep the first hundred; collect notes beside them."""

    total: int = 0
    rows: list[RowError] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)
    _noted: set[tuple[str, str, str]] = field(default_factory=set, repr=False)

    def add(self, *, file: str, line: int, field: str, code: Code, message: str, excerpt: object = "") -> None:
        """Record that a value was refused."""
        self.total += 1
        self.counts[code] += 1
        if len(self.rows) < KEPT:
            self.rows.append(
                RowError(
                    file=printable(file),
                    line=line,
                    field=printable(field),
                    code=code,
                    message=printable(message, 500),
                    excerpt=printable(excerpt),
                )  # fmt: skip
            )

    def note(self, *, file: str, field: str, message: str) -> None:
        """Record a remark once."""
        if len(self.notes) >= KEPT or (file, field, message) in self._noted:
            return
        self._noted.add((file, field, message))
        self.notes.append(Note(file=printable(file), field=printable(field), message=printable(message, 500)))


def printable(value: Any, length: int = EXCERPT) -> str:
    """Return the start of a value in a form that can be stored, logged and shown."""
    text = value if isinstance(value, str) else "" if value is None else reprlib.repr(value)
    clean = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text[:length])
    return clean if len(clean) <= length else clean[: length - 1] + "…"
