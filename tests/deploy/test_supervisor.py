import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.local import instance, supervisor
from deploy.local.children import MOST_DEATHS, Child
from deploy.local.instance import Instance
from deploy.local.plan import HOST
from deploy.local.supervisor import Hopeless, StopSignals, Supervisor

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


class Health(BaseHTTPRequestHandler):
    """Answers like a web process whose workers come up late."""

    answers: list[int]

    def do_GET(self) -> None:
        self.send_response(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        self.end_headers()
        self.wfile.write(b"the worker is silent")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def health() -> Iterator[HTTPServer]:
    """Give a web server that is unwell twice, then well."""
    Health.answers = [503, 503, 200]
    server = HTTPServer((HOST, 0), Health)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def supervise(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Supervisor]]:
    """Give a maker of quick supervisors, one fake program a stage."""
    monkeypatch.setattr(supervisor, "TICK", 0.02)
    claim = Instance(state_dir)
    claim.claim()

    def make(*commands: list[str]) -> Supervisor:
        programs = [
            Child(f"fake{number}", command, dict(os.environ), state_dir, state_dir / f"logs/fake{number}.log")
            for number, command in enumerate(commands)
        ]
        return Supervisor(database=None, stages=[[child] for child in programs], claim=claim, signals=StopSignals())

    yield make
    claim.release()


def in_the_background(watched: Supervisor) -> threading.Thread:
    thread = threading.Thread(target=watched.watch, kwargs={"port": 1, "when_well": lambda: None})
    thread.start()
    return thread


def test_a_killed_child_is_started_again_and_noted(
    supervise: Callable[..., Supervisor], state_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = supervise(SLEEP)
    watched.start()
    child = watched.everyone[0]
    assert child.process is not None
    first = child.process.pid
    assert [entry["pid"] for entry in instance.read(state_dir / "run.json")["children"]] == [first]
    thread = in_the_background(watched)
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while child.process.pid == first and time.monotonic() < deadline:
        time.sleep(0.02)
    watched.signals.requested.set()
    thread.join()
    noted = instance.read(state_dir / "run.json")["children"]
    assert [entry["pid"] for entry in noted] == [child.process.pid] != [first]
    assert child.exit_code is None
    assert f"ended (killed by SIGKILL), starting it again; log: {child.log}" in capsys.readouterr().out
    watched.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_child_that_dies_again_and_again_stops_everything_with_its_log(
    supervise: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PAUSE", 0.0)
    watched = supervise(["false"], SLEEP)
    watched.start()
    with pytest.raises(Hopeless, match=r"fake0 ended 6 times within a minute. Its log: .*fake0.log"):
        watched.watch(port=1, when_well=lambda: None)
    assert len(watched.everyone[0].deaths.times) == MOST_DEATHS + 1
    watched.stop()
    assert watched.everyone[1].exit_code is not None


def test_the_service_is_announced_once_and_only_when_it_is_well(
    supervise: Callable[..., Supervisor], health: HTTPServer
) -> None:
    watched = supervise()
    announced = []

    def when_well() -> None:
        announced.append(len(Health.answers))
        threading.Timer(0.3, watched.signals.requested.set).start()

    watched.watch(port=health.server_port, when_well=when_well)
    assert announced == [1]


def test_a_service_that_stays_unwell_is_explained(
    supervise: Callable[..., Supervisor],
    health: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(supervisor, "TICK", 0.02)
    monkeypatch.setattr(supervisor, "SLOW_HEALTH", 0.0)
    Health.answers = [503, 503, 503, 200]
    watched = supervise()
    watched.watch(port=health.server_port, when_well=watched.signals.requested.set)
    assert capsys.readouterr().out.count("not well yet: the worker is silent") == 1


def test_stages_end_one_after_another(supervise: Callable[..., Supervisor], state_dir: Path) -> None:
    note = state_dir / "order"
    code = (
        "import signal, sys, time\n"
        "def stop(*_):\n"
        f"    open({str(note)!r}, 'a').write(sys.argv[1]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop); print('ready', flush=True); time.sleep(60)"
    )
    watched = supervise(*([sys.executable, "-c", code, name] for name in "abc"))
    watched.start()
    deadline = time.monotonic() + 20
    while not all(child.log.read_text() for child in watched.everyone) and time.monotonic() < deadline:
        time.sleep(0.02)
    watched.stop()
    assert note.read_text() == "abc"


def test_nobody_listening_is_no_health() -> None:
    assert supervisor.ask_health(1) == (0, "no answer")
