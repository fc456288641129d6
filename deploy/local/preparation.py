"""What must have happened before the programs start: tables, static files, the demonstration; each only when needed."""

import contextlib
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.local import announce
from deploy.local.leash import leashed
from deploy.local.plan import ROOT, Plan, manage


class CommandFailed(RuntimeError):
    """A management command ended with an error."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """Small files that say for which state of the sources a step was done."""

    folder: Path

    def holds(self, name: str, value: str) -> bool:
        """Tell whether the step was done for this value."""
        path = self.folder / name
        return path.exists() and path.read_text() == value

    def set(self, name: str, value: str) -> None:
        """Note that the step is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(value)

    def clear(self) -> None:
        """Forget everything, as after a new database."""
        for path in self.folder.glob("*"):
            path.unlink()


def prepare(plan: Plan, environment: dict[str, str], *, new_database: bool) -> None:
    """Bring tables, static files and the demonstration up to date."""
    stamps = Stamps(plan.state_dir / "stamps")
    if new_database:
        stamps.clear()
    with static_gathered_alongside(plan, environment, stamps):
        migrate(plan, environment, stamps)
        if plan.seed:
            seed(plan, environment, stamps)


def migrate(plan: Plan, environment: dict[str, str], stamps: Stamps) -> None:
    """Apply migrations; skipped for our own database when neither they nor the packages changed."""
    sources = [*ROOT.glob("*/migrations/*.py"), ROOT / "requirements.lock"]
    mark = fingerprint(sources)
    if plan.database_url is None and stamps.holds("schema", mark):
        return
    with announce.step("schema", "applying migrations"):
        run(manage("migrate", "--no-input"), environment, plan.logs / "migrate.log")
    stamps.set("schema", mark)


@contextlib.contextmanager
def static_gathered_alongside(plan: Plan, environment: dict[str, str], stamps: Stamps) -> Iterator[None]:
    """Gather static files from the packages and from us, when one of them changed, while other things go on."""
    own = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    mark = fingerprint([*own, ROOT / "requirements.lock", ROOT / "annotation" / "conf" / "settings.py"])
    if stamps.holds("static", mark) and (plan.state_dir / "static").is_dir():
        yield
        return
    announce.item("static", "gathering scripts and styles meanwhile")
    command = manage("collectstatic", "--no-input", "--verbosity", "0")
    with alongside(command, environment, plan.logs / "collectstatic.log"):
        yield
    stamps.set("static", mark)


def seed(plan: Plan, environment: dict[str, str], stamps: Stamps) -> None:
    """Make the demonstration campaign, once."""
    if stamps.holds("demo", "made"):
        return
    with announce.long_step("demo", "making the demonstration campaign"):
        run(manage("seed_demo"), environment, plan.logs / "seed_demo.log", follow=announce.detail)
    stamps.set("demo", "made")


def run(
    command: list[str], environment: dict[str, str], log: Path, *, follow: Callable[[str], None] | None = None
) -> None:
    """Run a command to its end, its output into a log and, if asked, line by line to the terminal."""
    with alongside(command, environment, log) as process:
        if follow is not None:
            with log.open(errors="replace") as said:
                while process.poll() is None:
                    show_new_lines(said, follow)
                    time.sleep(0.1)
                show_new_lines(said, follow)


@contextlib.contextmanager
def alongside(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block goes on, wait for its end after the block, and raise if it failed."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            leashed(command, death_signal=signal.SIGTERM),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield process
        process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.returncode != 0:
        tail = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-15:])
        raise CommandFailed(f"{' '.join(command[1:])} failed. The end of {log}:\n{tail}")


def show_new_lines(said: IO[str], show: Callable[[str], None]) -> None:
    """Show what was written since the last look; a line that has no end yet waits for the next one."""
    while True:
        begin = said.tell()
        line = said.readline()
        if not line.endswith("\n"):
            said.seek(begin)
            return
        if line.strip():
            show(line.rstrip())


def fingerprint(paths: Iterable[Path]) -> str:
    """Return a mark that changes when a file comes, goes or changes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.exists()):
        found = path.stat()
        digest.update(f"{os.path.relpath(path, ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
