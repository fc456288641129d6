"""One supervised program: how it is started, watched and ended."""

import contextlib
import signal
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import processes
from deploy.local.leash import leashed

MOST_DEATHS = 5
WINDOW = 60.0  # seconds
LARGEST_LOG = 20_000_000  # bytes


@dataclass(slots=True)
class DeathCount:
    """How often something died lately."""

    times: deque[float] = field(default_factory=deque)

    def add(self) -> None:
        """Note a death now."""
        now = time.monotonic()
        self.times.append(now)
        while now - self.times[0] > WINDOW:
            self.times.popleft()

    @property
    def is_hopeless(self) -> bool:
        """Tell whether starting again has failed too often within a minute."""
        return len(self.times) > MOST_DEATHS


@dataclass(slots=True)
class Child:
    """A program in its own session, so that Ctrl-C reaches it only through us."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    patience: float = 15.0
    deaths: DeathCount = field(default_factory=DeathCount)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program; its output goes to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                leashed(self.command, death_signal=signal.SIGTERM),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """Return how the program ended, None while it runs."""
        return None if self.process is None else self.process.poll()

    def bury(self) -> None:
        """Note a death and end what the dead program had started itself, so that two do not work side by side."""
        self.deaths.add()
        if self.process is not None:
            processes.kill_group(self.process.pid)


def stop(children: Sequence[Child]) -> None:
    """Ask the children to stop, all at once, and end those that do not."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + max((child.patience for child in children), default=0.0)
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        processes.kill_group(process.pid)
        process.wait()
