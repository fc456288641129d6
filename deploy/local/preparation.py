"""What must have happened before the programs start: tables, static files, the demonstration; each only when needed."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local import announce
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
    migrate(plan, environment, stamps)
    collect_static(plan, environment, stamps)
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


def collect_static(plan: Plan, environment: dict[str, str], stamps: Stamps) -> None:
    """Gather static files from the packages and from us, when one of them changed."""
    own = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    mark = fingerprint([*own, ROOT / "requirements.lock", ROOT / "annotation" / "conf" / "settings.py"])
    if stamps.holds("static", mark) and (plan.state_dir / "static").is_dir():
        return
    with announce.step("static", "gathering scripts and styles"):
        run(manage("collectstatic", "--no-input", "--verbosity", "0"), environment, plan.logs / "collectstatic.log")
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
    """Run a command to its end, its output into a log and, if asked, to the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w") as file,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                file.write(line)
                if follow is not None and line.strip():
                    follow(line.rstrip())
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        tail = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-15:])
        raise CommandFailed(f"{' '.join(command[1:])} failed. The end of {log}:\n{tail}")


def fingerprint(paths: Iterable[Path]) -> str:
    """Return a mark that changes when a file comes, goes or changes."""
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.exists()):
        found = path.stat()
        digest.update(f"{os.path.relpath(path, ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
