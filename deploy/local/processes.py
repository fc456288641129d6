"""What runs on this machine under a number: its command line, its start, and how to end it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")


def is_alive(pid: int) -> bool:
    """Tell whether a process with this number exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def command_line(pid: int) -> str:
    """Return the command line with single spaces, or nothing when the process is gone."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return _ps(pid, "command=")


def start_mark(pid: int) -> str:
    """Return a mark of when the process started; together with the number it names one process only."""
    with contextlib.suppress(OSError, IndexError):
        return _stat_fields(pid)[19]
    return _ps(pid, "lstart=")


def working_in(folder: Path) -> list[int]:
    """Return the processes whose working directory is the folder (Linux; elsewhere none are known)."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(entry / "cwd")) == folder:
                found.append(int(entry.name))
    return found


def end(pids: Iterable[int], *, signals: Iterable[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn to those still alive, waiting the given seconds after it."""
    remaining = [pid for pid in pids if is_alive(pid)]
    for number, patience in signals:
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while remaining and time.monotonic() < deadline:
            time.sleep(0.05)
            remaining = [pid for pid in remaining if is_alive(pid)]
        if not remaining:
            return


def kill_group(group: int) -> None:
    """End at once whatever is left of a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _state(pid: int) -> str:
    with contextlib.suppress(OSError, IndexError):
        return _stat_fields(pid)[0]
    return _ps(pid, "state=")[:1]


def _stat_fields(pid: int) -> list[str]:
    """Return the fields after the program's name, which may itself hold spaces and brackets."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _ps(pid: int, column: str) -> str:
    with contextlib.suppress(OSError):
        return subprocess.run(
            ["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
    return ""
