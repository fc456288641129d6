"""Where the database's files and its socket lie."""

import hashlib
import os
import tempfile
from pathlib import Path

from deploy.local.postgres.accounts import Account, can_enter, server_account, shared_temporary_folder

PUBLIC_HOME = Path("/var/lib/steelyard")


class UnsafeFolder(RuntimeError):
    """A folder that must be ours belongs to somebody else."""


def database_home(state_dir: Path, account: Account | None) -> Path:
    """Make and return the folder of the server's files, `state_dir`/postgres.

    Where the server's account cannot enter the state folder (root's home, say), the files lie below /var/lib and the
    state folder keeps a link to them.
    """
    home = state_dir / "postgres"
    if account is not None and not home.exists():
        state_dir.chmod(state_dir.stat().st_mode | 0o001)
        if not can_enter(account, state_dir):
            home.unlink(missing_ok=True)
            PUBLIC_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
            home.symlink_to(tempfile.mkdtemp(prefix="database-", dir=PUBLIC_HOME))
    home.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(home, account.uid, account.gid)
    return home.resolve()


def temporary_folder(prefix: str) -> Path:
    """Make and return a new state folder below which the server's account can work."""
    parent = shared_temporary_folder(server_account(Path("/nonexistent")))
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))


def socket_folder(state_dir: Path, account: Account | None) -> Path:
    """Return the folder of the server's socket: short, because a socket's path must stay under 108 bytes."""
    mark = hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()[:10]
    return shared_temporary_folder(account) / f"steelyard-{os.geteuid()}-{mark}"


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder in a place that everybody can write to, and see that it is the server's alone."""
    owner = os.geteuid() if account is None else account.uid
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or not folder.is_dir() or folder.lstat().st_uid not in {os.geteuid(), owner}:
        raise UnsafeFolder(f"{folder} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.")
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
