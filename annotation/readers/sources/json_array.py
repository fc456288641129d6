"""One JSON array of objects, read object by object, so that a large file never stands in memory as a whole."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from annotation.readers.errors import WHOLE_FILE
from annotation.readers.sources import jsonl, lines, values
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Record, Refused

CHUNK = 1 << 16
BLANK = " \t\r\n"


def read(path: Path, limits: Limits) -> Iterator[Record | Refused]:
    """Yield each object with the line on which it starts, or why the file cannot be read further."""
    try:
        wrong = lines.refused(path, limits)
        if wrong:
            raise wrong
        with path.open("rb") as stream:
            yield from _objects(path.name, _Text(stream), limits)
    except Refused as refused:
        refused.fatal = True
        yield refused


class _Text:
    """A window on a text file that grows as it is asked to and forgets what was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._decoder = stream, codecs.getincrementaldecoder("utf-8")()
        self.window, self.line, self.is_over = "", 1, False

    def grow(self, size: int = CHUNK) -> None:
        raw = self._stream.read(size)
        self.is_over = not raw
        try:
            self.window += self._decoder.decode(raw, final=self.is_over)
        except UnicodeDecodeError:
            raise Refused("bad_utf8", "is not UTF-8; save the file as UTF-8", line=self.line) from None

    def skip(self, length: int) -> None:
        self.line += self.window.count("\n", 0, length)
        self.window = self.window[length:]

    def next_sign(self) -> str:
        """Return the next character that is not blank, without passing it; empty at the end."""
        while True:
            stripped = self.window.lstrip(BLANK)
            self.skip(len(self.window) - len(stripped))
            if self.window or self.is_over:
                return self.window[:1]
            self.grow()


def _objects(file: str, text: _Text, limits: Limits) -> Iterator[Record | Refused]:
    if text.next_sign() != "[":
        message = "is not one array [...] of objects; write it so, or save the rows as JSON lines"
        raise Refused("bad_json", message, line=text.line, excerpt=text.window[:80])
    text.skip(1)
    is_first = True
    while (sign := text.next_sign()) != "]":
        if not is_first:
            if sign != ",":
                raise _broken(text, "there must be a comma or the end of the array here")
            text.skip(1)
            text.next_sign()
        is_first = False
        line = text.line
        value = _value(text, limits)
        if not isinstance(value, dict):
            raise Refused("wrong_type", "is not an object; write each row as {...}", line=line)
        values.check(value, line=line, limits=limits)
        yield Record(file=file, line=line, values=value)
    text.skip(1)
    if text.next_sign():
        raise _broken(text, "there is more after the end of the array")


def _value(text: _Text, limits: Limits) -> Any:
    """Return the next whole value; the window doubles until it holds one."""
    while True:
        try:
            value, end = jsonl.decode(text.window, limits)
        except json.JSONDecodeError as error:
            if text.is_over:
                raise _broken(text, f"is not JSON: {error.msg}") from None
            if len(text.window) > limits.line_bytes:
                message = (
                    f"an object is longer than {limits.line_bytes:,} characters, or is not JSON; shorten or correct it"
                )
                raise Refused("too_long", message, line=text.line, excerpt=text.window[:80]) from None
            text.grow(max(CHUNK, len(text.window)))
        except jsonl.StrictError as fault:
            raise Refused(fault.code, fault.message, line=text.line, excerpt=fault.excerpt) from None
        except RecursionError:
            message = f"is nested deeper than {limits.depth} levels; flatten it"
            raise Refused("too_deep", message, line=text.line) from None
        else:
            text.skip(end)
            return value


def _broken(text: _Text, what: str) -> Refused:
    if text.is_over and not text.window.strip(BLANK):
        message = "the array breaks off; the file was cut short, fetch or write it again"
        return Refused("truncated", message, line=text.line, field=WHOLE_FILE)
    return Refused("bad_json", f"{what}; correct it", line=text.line, excerpt=text.window[:80])
