"""Pack a folder into a zip whose bytes depend on its files alone."""

import shutil
import zipfile
from pathlib import Path
from typing import IO

EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path, target: Path, *, prefix: str) -> None:
    """Write every file of a folder, by sorted name, below one folder named `prefix`."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            entry = zipfile.ZipInfo(f"{prefix}/{name}", date_time=EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            entry.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as source, packed.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def copy_out(source: Path, name: str, sink: IO[bytes]) -> None:
    """Write one file of a packed release, named without the prefix, to an open file."""
    with zipfile.ZipFile(source) as packed:
        prefix = packed.infolist()[0].filename.split("/", 1)[0]
        with packed.open(f"{prefix}/{name}") as stored:
            shutil.copyfileobj(stored, sink, 1 << 20)
    sink.seek(0)


def unpack(source: Path, folder: Path) -> None:
    """Write the files of a packed release straight into a folder, without its prefix."""
    with zipfile.ZipFile(source) as packed:
        for entry in packed.infolist():
            target = folder / entry.filename.split("/", 1)[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as stored, target.open("wb") as sink:
                shutil.copyfileobj(stored, sink, 1 << 20)
