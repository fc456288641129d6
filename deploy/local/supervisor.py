"""Keep the programs of one run alive, and end them in order."""

import http.client
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from deploy.local import announce, children, instance
from deploy.local.children import Child, DeathCount
from deploy.local.instance import Instance
from deploy.local.plan import HOST
from deploy.local.postgres import PostgresError, Server

TICK = 0.2
SLOW_HEALTH = 60.0  # seconds until we say what the service answers instead of being well
PAUSE = 1.0  # before a second and later restart


class StopRequested(BaseException):
    """Ctrl-C or SIGTERM came while we were preparing."""


class Hopeless(RuntimeError):
    """A program dies again and again."""


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP: raise while we prepare, only take note while we watch."""

    def __init__(self) -> None:
        self.requested = threading.Event()
        self.raising = True

    def install(self) -> None:
        """Take over the three signals."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.requested.set()
        if self.raising:
            self.raising = False
            raise StopRequested


class Supervisor:
    """The database and the programs beside it; stages are ended one after another, the last first started."""

    def __init__(
        self, *, database: Server | None, stages: Sequence[Sequence[Child]], claim: Instance, signals: StopSignals
    ) -> None:
        self.database = database
        self.stages = stages
        self.claim = claim
        self.signals = signals
        self.database_deaths = DeathCount()

    @property
    def everyone(self) -> list[Child]:
        """Return all programs but the database."""
        return [child for stage in self.stages for child in stage]

    def start(self) -> None:
        """Start all programs."""
        self.signals.raising = False
        for child in self.everyone:
            child.start()
        self._note_children()

    def watch(self, *, port: int, when_well: Callable[[], None]) -> None:
        """Restart what dies until somebody asks us to stop; call `when_well` once the service answers."""
        started, well, complained = time.monotonic(), False, False
        while not self.signals.requested.wait(TICK):
            self._revive_database()
            for child in self.everyone:
                self._revive(child)
            if well:
                continue
            status, answer = ask_health(port)
            if status == http.client.OK:
                well = True
                when_well()
            elif not complained and time.monotonic() - started > SLOW_HEALTH:
                complained = True
                announce.item("health", f"not well yet: {answer}")

    def stop(self) -> None:
        """End the programs in order, the database last."""
        self.signals.raising = False
        for stage in self.stages:
            if any(child.process is not None for child in stage):
                with announce.step("stopping", ", ".join(child.name for child in stage)):
                    children.stop(stage)
        if self.database is not None and self.database.is_running():
            with announce.step("stopping", "database"):
                self.database.stop()

    def _revive(self, child: Child) -> None:
        code = child.exit_code
        if code is None or self.signals.requested.is_set():
            return
        child.bury()
        if child.deaths.is_hopeless:
            raise Hopeless(f"{child.name} ended {len(child.deaths.times)} times within a minute. Its log: {child.log}")
        announce.item(child.name, f"ended ({describe_exit(code)}), starting it again; log: {child.log}")
        if len(child.deaths.times) > 1 and self.signals.requested.wait(PAUSE):
            return
        child.start()
        self._note_children()

    def _revive_database(self) -> None:
        if self.database is None or self.database.is_running():
            return
        self.database_deaths.add()
        if self.database_deaths.is_hopeless:
            raise Hopeless(
                f"database ended {len(self.database_deaths.times)} times within a minute. Its log: {self.database.log}"
            )
        with announce.step("database", "ended, starting it again"):
            try:
                self.database.start()
            except PostgresError as error:
                raise Hopeless(str(error)) from error
        self._note_children()

    def _note_children(self) -> None:
        running = [
            (child.name, child.process.pid, child.command) for child in self.everyone if child.process is not None
        ]
        database = None if self.database is None else self.database.pid
        self.claim.write(children=[instance.describe(*facts) for facts in running], database_pid=database)


def ask_health(port: int) -> tuple[int, str]:
    """Return the status and the answer of /healthz; status 0 when nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        answer = response.read(500).decode(errors="replace")
        connection.close()
        return response.status, answer
    connection.close()
    return 0, "no answer"


def describe_exit(code: int) -> str:
    """Return an exit code in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
