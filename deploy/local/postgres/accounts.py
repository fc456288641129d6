"""Who runs the database server, and which folders that account can enter.

PostgreSQL refuses to run as root; as root it runs as ``postgres`` or ``nobody``.
"""

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PREFERRED = ("postgres", "nobody")


class NoServerAccount(RuntimeError):
    """No account of this machine may run the server."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this machine other than the one we run as."""

    uid: int
    gid: int


def server_account(home: Path) -> Account | None:
    """Return the account for the server of this folder: None means our own, which is right for everybody but root.

    A folder that an ordinary user began stays that user's when root starts it.
    """
    if os.geteuid() != 0:
        return None
    if home.exists() and home.stat().st_uid != 0:
        return Account(home.stat().st_uid, home.stat().st_gid)
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoServerAccount(
        "PostgreSQL does not run as root, and this machine has no account postgres or nobody. "
        "Run the command as an ordinary user, or create one: useradd --system postgres"
    )


def can_enter(account: Account | None, folder: Path) -> bool:
    """Tell whether the account can reach things inside the folder, by trying it."""
    return _succeeds(["sh", "-c", 'test -x "$1"', "sh", str(folder)], account)


def can_run(account: Account | None, program: Path) -> bool:
    """Tell whether the account can run the program, by asking the program for its version."""
    return _succeeds([str(program), "--version"], account)


def shared_temporary_folder(account: Account | None) -> Path:
    """Return a temporary folder that the account can enter; the one of TMPDIR may be ours alone."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    for folder in candidates:
        if folder.is_dir() and can_enter(account, folder):
            return folder
    raise NoServerAccount(f"The server's account can enter none of {', '.join(map(str, candidates))}.")


def _succeeds(command: list[str], account: Account | None) -> bool:
    try:
        if account is None:
            done = subprocess.run(command, cwd="/", capture_output=True, timeout=30, check=False)
        else:
            done = subprocess.run(
                command,
                cwd="/",
                capture_output=True,
                timeout=30,
                check=False,
                user=account.uid,
                group=account.gid,
                extra_groups=[],
            )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
