"""One row of any file format, before anybody knows what its columns mean."""

from dataclasses import dataclass
from typing import Any

from annotation.readers.errors import WHOLE_LINE, Code


@dataclass(frozen=True, slots=True)
class Record:
    """A row: its place, and its columns; `typed` says that numbers are numbers, not text as in CSV."""

    file: str
    line: int
    values: dict[str, Any]
    typed: bool = True


class Refused(Exception):
    """A line or file cannot be read; `fatal` says that nothing after it can be trusted."""

    def __init__(
        self, code: Code, message: str, *, line: int, field: str = WHOLE_LINE, excerpt: object = "", fatal: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.line, self.field, self.excerpt, self.fatal = (
            code,
            message,
            line,
            field,
            excerpt,
            fatal,
        )
