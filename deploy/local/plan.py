"""What one run needs to know: where its files lie, its ports, and the environment its programs get."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
DEFAULT_PORT = 8000


class BadSetting(RuntimeError):
    """An environment variable has a value we cannot use."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the whole on this machine."""

    state_dir: Path
    port: int
    seed: bool
    database_url: str | None  # None: our own server

    @property
    def address(self) -> str:
        """Return where the pages are."""
        return f"http://{HOST}:{self.port}"

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.state_dir / "logs"

    def environment(self, *, database_url: str, judge_port: int) -> dict[str, str]:
        """Return what the settings read, without what we inherited."""
        return {
            "DEVELOPMENT": os.environ.get("DEVELOPMENT", "1"),
            "DATABASE_URL": database_url,
            "STATE_DIR": str(self.state_dir),
            "PORT": str(self.port),
            "JUDGE_DEMO_URL": f"http://{HOST}:{judge_port}",
            # without a folder of ours a fit fails where the home folder cannot be written; no C compiler is needed
            "PYTENSOR_FLAGS": os.environ.get("PYTENSOR_FLAGS", f"base_compiledir={self.state_dir / 'pytensor'},cxx="),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "",  # empty is off: else every process compiles Django anew
        }


def from_environment(environment: Mapping[str, str] = os.environ, *, seed: bool = True) -> Plan:
    """Read STATE_DIR, PORT and DATABASE_URL."""
    port = environment.get("PORT") or str(DEFAULT_PORT)
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise BadSetting(f"PORT is {port!r}, and a port is a number from 1 to 65535. Try: PORT=8001 make run")
    state_dir = Path(environment.get("STATE_DIR") or ROOT / ".state").expanduser()
    return Plan((ROOT / state_dir).resolve(), int(port), seed, environment.get("DATABASE_URL") or None)


def manage(*arguments: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]
