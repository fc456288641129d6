"""A whole Steelyard as a context manager, for the demonstration and for tests that kill parts of it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, Self

from deploy.local import instance
from deploy.local.leash import leashed
from deploy.local.plan import HOST, ROOT
from deploy.local.ports import somewhere
from deploy.local.postgres.folders import temporary_folder

PATIENCE_START = 420.0
PATIENCE_STOP = 60.0
OURS_ALONE = ("DATABASE_URL", "CELERY_BROKER_URL", "JUDGE_DEMO_URL")


class StackFailed(RuntimeError):
    """The stack did not come up."""


class LocalStack:
    """The same supervisor as `make run`, as our child, with a state folder and a port of its own."""

    def __init__(
        self, *, state_dir: Path | None = None, port: int = 0, seed: bool = False, output: IO[Any] | int | None = None
    ) -> None:
        self.is_temporary = state_dir is None
        self.state_dir = (state_dir or temporary_folder("steelyard-stack-")).resolve()
        self.port = port or somewhere()
        self.seed = seed
        self.output = output
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Return where the pages are."""
        return f"http://{HOST}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """Return the environment in which a management command works on this stack."""
        return {**os.environ, **self._notes().get("environment", {})}

    def pid_of(self, name: str) -> int:
        """Return the process number of web, worker, fits, beat, judge or postgres."""
        notes = self._notes()
        if name == "postgres":
            return int(notes["database_pid"])
        return int(next(child["pid"] for child in notes["children"] if child["name"] == name))

    def start(self) -> None:
        """Start and wait until /healthz is well."""
        inherited = {name: value for name, value in os.environ.items() if name not in OURS_ALONE}
        environment = {**inherited, "STATE_DIR": str(self.state_dir), "PORT": str(self.port)}
        command = [sys.executable, "-m", "deploy.local", "run", *([] if self.seed else ["--no-seed"])]
        self.process = subprocess.Popen(
            leashed(command, death_signal=signal.SIGTERM),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT if self.output is not None else None,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE_START
        while self._notes().get("state") != "running":
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop(keep=True)
                raise StackFailed(f"Steelyard did not start. Its logs are in {self.state_dir / 'logs'}.")
            time.sleep(0.1)

    def stop(self, *, keep: bool = False) -> None:
        """Stop everything in order; a temporary state folder goes too, unless it is to be kept."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_STOP)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.is_temporary and not keep:
            shutil.rmtree(self.state_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _notes(self) -> dict[str, Any]:
        return instance.read(self.state_dir / "run.json")
