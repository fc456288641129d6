"""Files that come packed: gzip and zip, unpacked into a folder of their own within strict bounds."""

import gzip
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from annotation.readers.errors import WHOLE_FILE, ErrorLog
from annotation.readers.sources.limits import LIMITS, Limits
from annotation.readers.sources.records import Refused

SUFFIXES = (".gz", ".zip")
CHUNK = 1 << 20
MOST_FILES = 100
# Small files may shrink by more than the ratio without being a bomb.
FLOOR = 10_000_000
RATIO = 100
_SYMLINK = 0o120000


@contextmanager
def unpacked(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Path | None]:
    """Give the file, or what is packed in it; None, and an entry in the error log, if that cannot be read."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="steelyard-"))
    try:
        try:
            yield _gunzip(path, folder, limits) if path.suffix.lower() == ".gz" else _unzip(path, folder, limits)
        except Refused as refused:
            errors.add(
                file=path.name, line=refused.line, field=refused.field, code=refused.code, message=refused.message,
                excerpt=refused.excerpt,
            )  # fmt: skip
            yield None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _gunzip(path: Path, folder: Path, limits: Limits) -> Path:
    target = folder / path.stem
    try:
        with gzip.open(path) as source:
            _copy(source, target, _cap(path, limits))
    except (OSError, EOFError, zlib.error) as error:
        raise _bad(f"cannot be unpacked ({type(error).__name__}); fetch or write it again") from None
    return target


def _unzip(path: Path, folder: Path, limits: Limits) -> Path:
    """Unpack plain files by their own names; a folder around them is taken off, anything else is refused."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            _check(entries)
            left = _cap(path, limits)
            for entry in entries:
                with packed.open(entry) as source:
                    left -= _copy(source, folder / Path(entry.filename).name, left)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError) as error:
        raise _bad(f"cannot be unpacked ({type(error).__name__}); pack the files again") from None
    return folder / Path(entries[0].filename).name if len(entries) == 1 else folder


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if not entries or len(entries) > MOST_FILES:
        raise _bad(f"holds {len(entries)} files instead of 1 to {MOST_FILES}; pack only what is to be imported")
    names: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\\" in name or len(parts) > 2:
            raise _bad("holds a name that leads elsewhere; pack the files without their folders", name)
        if entry.external_attr >> 16 & 0o170000 == _SYMLINK:
            raise _bad("holds a link; pack the files themselves, remove the link", name)
        if parts[-1].lower().endswith(SUFFIXES):
            raise _bad("holds another packed file; unpack that first", name)
        if parts[-1] in names or not parts[-1] or len(parts[-1]) > 200 or not parts[-1].isprintable():
            raise _bad("holds a file without a name of its own; give each file one", name)
        names.add(parts[-1])


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, cap: int) -> int:
    size = 0
    with target.open("wb") as sink:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > cap:
                raise Refused(
                    "too_large",
                    f"unpacks to more than {RATIO} times its size, or more than a file may have; split it, "
                    "or leave it unpacked",
                    line=0,
                    field=WHOLE_FILE,
                    fatal=True,
                )
            sink.write(chunk)
    return size


def _cap(path: Path, limits: Limits) -> int:
    return min(limits.file_bytes, max(RATIO * path.stat().st_size, FLOOR))


def _bad(message: str, excerpt: str = "") -> Refused:
    return Refused("bad_file", message, line=0, field=WHOLE_FILE, excerpt=excerpt, fatal=True)
