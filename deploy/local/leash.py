"""Become another program that ends when its parent ends, as another account if asked.

Run as a script: ``python -I -S leash.py PARENT_PID SIGNAL UID GID COMMAND...`` (UID -1: stay who we are).
A script rather than ``preexec_fn``, because the latter forks a process that may have threads.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
STAY = -1


def leashed(command: list[str], *, death_signal: int, uid: int = STAY, gid: int = STAY) -> list[str]:
    """Return the command line that runs `command` on a leash held by this process."""
    script = str(Path(__file__).resolve())
    leash = [str(number) for number in (os.getpid(), int(death_signal), uid, gid)]
    return [sys.executable, "-I", "-S", script, *leash, *command]


def main(arguments: list[str]) -> None:
    """Drop privileges, ask the kernel for the death signal, then execute the command."""
    parent, death_signal, uid, gid = (int(word) for word in arguments[:4])
    command = arguments[4:]
    if uid != STAY:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":  # after setuid: changing the account clears it
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it died before the kernel knew our wish
        raise SystemExit(128 + signal.SIGTERM)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
