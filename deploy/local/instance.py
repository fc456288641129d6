"""One run a state folder: its lock, its notes in run.json, and what an earlier run that was killed left behind."""

import fcntl
import json
import os
import signal
from pathlib import Path
from typing import IO, Any

from deploy.local import processes

STOP = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


class AlreadyRunning(RuntimeError):
    """Another run owns the state folder."""


class Instance:
    """The claim on a state folder, held while a run lives."""

    def __init__(self, state_dir: Path) -> None:
        self.notes = state_dir / "run.json"
        self._lock_path = state_dir / "lock"
        self._lock: IO[str] | None = None
        self._content: dict[str, Any] = {}

    def claim(self) -> None:
        """Take the lock, or raise `AlreadyRunning` with the place of the other run."""
        lock = self._lock_path.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyRunning(self._where()) from None
        self._lock = lock

    def write(self, **facts: Any) -> None:
        """Add facts to run.json, which only we can read: a database address may hold a password."""
        self._content.update(facts)
        unfinished = self.notes.with_suffix(".unfinished")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"pid": os.getpid(), **self._content}, file, indent=2)
        unfinished.rename(self.notes)

    def release(self) -> None:
        """Forget the notes and give the lock back."""
        if self._lock is not None:
            self.notes.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def end_left_overs(self) -> list[str]:
        """Stop the programs of a run that was killed, and return their names."""
        left = {child["pid"]: child["name"] for child in read(self.notes).get("children", []) if _is_same(child)}
        processes.end(left, signals=STOP)
        return sorted(left.values())

    def _where(self) -> str:
        known = read(self.notes)
        place = f" at {known['address']}" if "address" in known else ""
        number = f" (process {known['pid']})" if "pid" in known else ""
        return f"Steelyard is already running{place}{number}, with its files in {self.notes.parent}."


def read(notes: Path) -> dict[str, Any]:
    """Return the notes of a run, empty when there are none."""
    try:
        content = json.loads(notes.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def describe(name: str, pid: int, command: list[str]) -> dict[str, Any]:
    """Return the note about one program: number, start and command line together name it beyond doubt."""
    return {"name": name, "pid": pid, "started": processes.start_mark(pid), "command": " ".join(command)}


def _is_same(child: dict[str, Any]) -> bool:
    """Tell whether the noted program still runs; a number alone may belong to a stranger by now."""
    pid = int(child["pid"])
    return (
        processes.is_alive(pid)
        and processes.start_mark(pid) == child["started"]
        and child["command"] in processes.command_line(pid)
    )
