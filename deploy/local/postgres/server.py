"""A PostgreSQL server as our own child: made on first start, reached through a socket in a private folder."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

import psycopg
from psycopg import sql

from deploy.local import processes
from deploy.local.leash import STAY, leashed
from deploy.local.postgres import accounts, binaries, folders

ROLE = "steelyard"
PATIENCE_START = 120.0  # a server that was killed first replays its log
PATIENCE_STALE = 30.0
STOP = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # fast, immediate, killed
SETTINGS = {"listen_addresses": "", "timezone": "UTC", "log_timezone": "UTC", "max_connections": "120"}
if sys.platform == "linux":
    SETTINGS["recovery_init_sync_method"] = "syncfs"  # after a kill: one call instead of one a file
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
STALE = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block", "is still in use")


class PostgresError(RuntimeError):
    """The database server cannot be had; the message says what to do."""


class ServerInUse(PostgresError):
    """Another running program owns the server of this folder."""


class ServerFailed(PostgresError):
    """A PostgreSQL program ended with an error."""


class Server:
    """The server whose files lie in a state folder."""

    def __init__(
        self, state_dir: Path, *, durable: bool = True, database: str = "steelyard", log: Path | None = None
    ) -> None:
        self.state_dir = Path(state_dir).resolve()
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self.database = database
        self.log = log or self.state_dir / "logs" / "postgres.log"
        self.account = accounts.server_account(self.state_dir / "postgres")
        self.socket_dir = folders.socket_folder(self.state_dir, self.account)
        self.created = False
        self._durability = DURABLE if durable else THROW_AWAY
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address of the database, for DATABASE_URL."""
        return f"postgresql://{ROLE}@/{self.database}?host={self.socket_dir}"

    @property
    def pid(self) -> int | None:
        """Return the server's process number while it runs."""
        return self._process.pid if self._process is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Tell whether our child lives."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, making its files on the first start, and wait until the database answers."""
        if self.is_running():
            return
        self._take_lock()
        try:
            home = folders.database_home(self.state_dir, self.account)
            self.programs = binaries.find(self.account, home)
            self._initialize(home)
            self._end_left_over(home / "data")
            folders.make_private(self.socket_dir, self.account)
            self._launch(home / "data")
            self._create_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server: fast, else at once, else by force."""
        if self._process is not None:
            for number, patience in STOP:
                if self._process.poll() is not None:
                    break
                self._process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
            self._process = None
        if self._lock is not None:
            shutil.rmtree(self.socket_dir, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = (self.state_dir / "postgres.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ServerInUse(
                f"The database in {self.state_dir} is already running under another program. "
                "Stop that one first, or choose another folder with STATE_DIR."
            ) from None
        self._lock = lock

    def _initialize(self, home: Path) -> None:
        """Make the server's files; a half-made folder of an interrupted first start is thrown away."""
        data, unfinished = home / "data", home / "data.unfinished"
        self._check_major(data)
        if data.exists():
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["--username", ROLE, "--auth", "trust", "--encoding", "UTF8", "--data-checksums"]
        if self.programs.major >= 17:
            options += ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        else:
            options += ["--locale", "C"]
        if self._durability is THROW_AWAY:
            options.append("--no-sync")
        elif self.programs.major >= 17 and sys.platform == "linux":
            options.append("--sync-method=syncfs")  # one call instead of one a file
        command = [str(self.programs.folder / "initdb"), "--pgdata", str(unfinished), *options]
        with self._open_log() as log:
            done = subprocess.run(
                self._as_account(command), cwd="/", env=_environment(), stdout=log, stderr=log, check=False
            )
        if done.returncode != 0:
            raise ServerFailed(self._describe("initdb failed"))
        unfinished.rename(data)
        self.created = True

    def _check_major(self, data: Path) -> None:
        version = data / "PG_VERSION"
        if version.exists() and version.read_text().strip() != str(self.programs.major):
            raise ServerFailed(
                f"{data} was made by PostgreSQL {version.read_text().strip()}, and this is {self.programs.version}. "
                "Export what you need with the older version, then remove the folder or choose another STATE_DIR."
            )

    def _end_left_over(self, data: Path) -> None:
        """End a server that outlived the program that started it; the lock is ours, so nobody needs it."""
        pid_file = data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n")[0] or 0)
        if pid <= 0 or not processes.is_alive(pid):
            return
        if str(data) in processes.command_line(pid):
            processes.end([pid], signals=STOP)
        elif not processes.working_in(data):
            pid_file.unlink()  # the number belongs to a stranger now, and the server would wait for it

    def _launch(self, data: Path) -> None:
        """Start and wait; right after a kill the remains of the old server may still hold its memory, so try again."""
        deadline = time.monotonic() + PATIENCE_STALE
        while True:
            written = self.log.stat().st_size if self.log.exists() else 0
            self._spawn(data)
            if self._wait_until_ready(data / "postmaster.pid"):
                return
            said = self.log.read_text(errors="replace")[written:]
            if time.monotonic() > deadline or not any(sign in said for sign in STALE):
                raise ServerFailed(self._describe("PostgreSQL did not start"))
            time.sleep(0.25)

    def _spawn(self, data: Path) -> None:
        settings = {**SETTINGS, **self._durability, "unix_socket_directories": str(self.socket_dir)}
        command = [str(self.programs.folder / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._open_log() as log:
            self._process = subprocess.Popen(
                self._as_account(command),
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_ready(self, pid_file: Path) -> bool:
        """Wait for the state the server itself writes, as pg_ctl does; trying to connect would fill its log."""
        deadline = time.monotonic() + PATIENCE_START
        while self.is_running() and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                lines = pid_file.read_text().split("\n")
                if lines[0] == str(self.pid) and lines[7:] and lines[7].strip() == "ready":
                    return True
            time.sleep(0.02)
        return False

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [self.database]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(self.database)))

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.socket_dir), user=ROLE, dbname=database, connect_timeout=5, autocommit=True
        )

    def _as_account(self, command: list[str]) -> list[str]:
        uid, gid = (STAY, STAY) if self.account is None else (self.account.uid, self.account.gid)
        return leashed(command, death_signal=signal.SIGINT, uid=uid, gid=gid)

    def _open_log(self) -> IO[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        return self.log.open("ab")

    def _describe(self, what: str) -> str:
        tail = self.log.read_text(errors="replace").splitlines()[-15:] if self.log.exists() else []
        return "\n".join([f"{what}. The end of {self.log}:", *(f"    {line}" for line in tail)])


@contextlib.contextmanager
def temporary_server() -> Iterator[Server]:
    """Give a server for tests: quick because nothing is flushed to disk, and gone without a trace afterwards."""
    state_dir = folders.temporary_folder("steelyard-test-")
    try:
        with Server(state_dir, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(state_dir, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Return our environment without what would steer PostgreSQL's programs elsewhere; messages stay English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
