"""Lines of a text file, decoded and capped, with the encodings that cannot be read named."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from annotation.readers.errors import WHOLE_FILE
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Refused

# The first bytes of a file that is not plain UTF-8 text: what it is, and what to do. Longer marks first.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "starts with a byte order mark; save it as UTF-8 without BOM"),
    (b"\xff\xfe\x00\x00", "is UTF-32; save it as UTF-8 without BOM"),
    (b"\x00\x00\xfe\xff", "is UTF-32; save it as UTF-8 without BOM"),
    (b"\xff\xfe", "is UTF-16; save it as UTF-8 without BOM"),
    (b"\xfe\xff", "is UTF-16; save it as UTF-8 without BOM"),
)
_CONTAINERS: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "is a Parquet file; name it .parquet"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"PK\x03\x04", "is a zip archive or a spreadsheet; unpack it, or save the sheet as CSV (UTF-8)"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it first"),
    (b"SQLite format 3", "is a database; export the table as CSV or JSONL"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A decoded line without its end; `closed` says that there was an end."""

    number: int
    text: str
    closed: bool


def read(path: Path, limits: Limits) -> Iterator[Line | Refused]:
    """Yield each line, or why it cannot be read; after a fatal refusal nothing follows."""
    wrong = refused(path, limits)
    if wrong:
        yield wrong
        return
    with path.open("rb") as stream:
        yield from _lines(stream, limits)


def refused(path: Path, limits: Limits) -> Refused | None:
    """Return why a file cannot be read as text at all."""
    if path.stat().st_size > limits.file_bytes:
        message = f"is larger than {limits.file_bytes:,} bytes; split it"
        return Refused("too_large", message, line=0, field=WHOLE_FILE, fatal=True)
    with path.open("rb") as stream:
        return _wrong_encoding(stream.read(16))


def _lines(stream: BinaryIO, limits: Limits) -> Iterator[Line | Refused]:
    number = 0
    while raw := stream.readline(limits.line_bytes + 2):
        number += 1
        if len(raw.rstrip(b"\r\n")) > limits.line_bytes:
            yield Refused(
                "too_long",
                f"is longer than {limits.line_bytes:,} bytes; shorten or split it",
                line=number,
                excerpt=_start(raw),
            )
            _skip_rest(stream, raw, limits)
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            yield Refused(
                "bad_utf8",
                f"is not UTF-8 at byte {error.start + 1}; save the file as UTF-8",
                line=number,
                excerpt=_start(raw),
            )
            continue
        yield Line(number=number, text=text.removesuffix("\n").removesuffix("\r"), closed=raw.endswith(b"\n"))


def _skip_rest(stream: BinaryIO, raw: bytes, limits: Limits) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(limits.line_bytes)


def _wrong_encoding(start: bytes) -> Refused | None:
    for mark, message in _SIGNATURES:
        if start.startswith(mark):
            return Refused("bom", message, line=1, field=WHOLE_FILE, fatal=True)
    for mark, message in _CONTAINERS:
        if start.startswith(mark):
            return Refused("bad_file", message, line=1, field=WHOLE_FILE, fatal=True)
    if start[1::2].count(0) >= 3 or start[::2].count(0) >= 3:
        return Refused(
            "bad_utf8", "looks like UTF-16; save it as UTF-8 without BOM", line=1, field=WHOLE_FILE, fatal=True
        )
    return None


def _start(raw: bytes) -> str:
    return raw[:80].decode(errors="backslashreplace")
