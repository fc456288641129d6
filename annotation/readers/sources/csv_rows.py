"""CSV with a header row, RFC 4180, comma and double quote; an empty cell is no value."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from annotation.readers.sources import lines, values
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Record, Refused


class _Feed:
    """Hand lines to the csv module and remember which were read and whether the last one had an end."""

    def __init__(self, source: Iterator[lines.Line | Refused], cap: int) -> None:
        self.source = source
        self.cap = cap
        self.number = 0
        self.row_size = 0
        self.closed = True
        self.refused: Refused | None = None

    def __iter__(self) -> Iterator[str]:
        for line in self.source:
            if isinstance(line, Refused):
                self.refused = line
                return
            self.number, self.closed = line.number, line.closed
            self.row_size += len(line.text)
            if self.row_size > self.cap:
                message = f"a row is longer than {self.cap:,} characters, or the closing quote of a cell is missing"
                self.refused = Refused("too_long", message, line=line.number)
                return
            yield line.text + "\n"


def read(path: Path, limits: Limits) -> Iterator[Record | Refused]:
    """Yield each row, or why it cannot be read; a quote that never closes ends the reading."""
    # The csv module has one limit for the whole process; ours is the largest that anybody sets.
    csv.field_size_limit(limits.line_bytes)
    feed = _Feed(lines.read(path, limits), cap=2 * limits.line_bytes)
    table = csv.reader(feed, strict=True)
    header: list[str] | None = None
    try:
        while True:
            first, feed.row_size = feed.number + 1, 0
            cells = next(table, None)
            if cells is None:
                break
            if header is None and cells:
                header = _header(cells, first)
            elif header is not None and cells:
                try:
                    yield Record(path.name, first, _row(header, cells, first, feed, limits), typed=False)
                except Refused as refused:
                    yield refused
    except csv.Error as error:
        yield feed.refused or _broken(error, first, feed)
        return
    except Refused as refused:
        yield refused
        return
    if feed.refused:
        feed.refused.fatal = True
        yield feed.refused


def _broken(error: csv.Error, line: int, feed: _Feed) -> Refused:
    if "unexpected end of data" in str(error):
        message = (
            "a quoted cell that starts here never ends; close the quote, or fetch the file again if it was cut short"
        )
        return Refused("truncated", message, line=line, fatal=True)
    if "field larger" in str(error):
        return Refused("too_long", "a cell is too long, or its closing quote is missing", line=line, fatal=True)
    return Refused(
        "bad_csv", f"is not CSV: {error}; quote cells that hold a quote or a line end", line=line, fatal=True
    )


def _header(cells: list[str], line: int) -> list[str]:
    if "" in (name.strip() for name in cells):
        number = [name.strip() for name in cells].index("") + 1
        raise Refused("missing", f"column {number} has no name in the header row; name it", line=line, fatal=True)
    for name, count in Counter(cells).items():
        if count > 1:
            message = f"the header names the column {name[:80]!r} twice; keep one"
            raise Refused("duplicate_key", message, line=line, field=name, fatal=True)
    return cells


def _row(header: list[str], cells: list[str], line: int, feed: _Feed, limits: Limits) -> dict[str, str | None]:
    if len(cells) != len(header):
        if len(cells) < len(header) and not feed.closed:
            message = "the last line breaks off; the file was cut short, fetch or write it again"
            raise Refused("truncated", message, line=line, excerpt=",".join(cells))
        message = f"has {len(cells)} cells where the header names {len(header)} columns; quote cells that hold a comma"
        raise Refused("bad_csv", message, line=line, excerpt=",".join(cells))
    row = {name: cell or None for name, cell in zip(header, cells, strict=True)}
    values.check(row, line=line, limits=limits)
    return row
