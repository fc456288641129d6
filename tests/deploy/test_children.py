import os
import signal
import sys
import time
from pathlib import Path

import pytest

from deploy.local import children, processes
from deploy.local.children import MOST_DEATHS, Child, DeathCount

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
PARENT = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


def child(folder: Path, code: str, patience: float = 10.0) -> Child:
    made = Child("fake", [sys.executable, "-c", code], dict(os.environ), folder, folder / "logs/fake.log", patience)
    made.start()
    return made


def wait_for_output(made: Child) -> str:
    deadline = time.monotonic() + 20
    while not (said := made.log.read_text()):
        assert time.monotonic() < deadline, "the child says nothing"
        time.sleep(0.02)
    return said.strip()


def test_output_goes_to_the_log_and_the_exit_code_is_seen(tmp_path: Path) -> None:
    made = child(tmp_path, "print('hello'); raise SystemExit(3)")
    assert made.process is not None
    assert made.process.wait(20) == made.exit_code == 3
    assert made.log.read_text() == "hello\n"


def test_a_child_has_a_session_of_its_own(tmp_path: Path) -> None:
    made = child(tmp_path, "import os; print(os.getsid(0) == os.getpid(), flush=True)")
    assert wait_for_output(made) == "True"
    children.stop([made])


def test_stop_ends_the_willing_and_the_deaf(tmp_path: Path) -> None:
    willing = child(tmp_path / "one", "print('here', flush=True); import time; time.sleep(60)")
    deaf = child(tmp_path / "two", STUBBORN, patience=0.5)
    for made in (willing, deaf):
        wait_for_output(made)
    children.stop([willing])
    assert willing.exit_code == -signal.SIGTERM
    children.stop([deaf])
    assert deaf.exit_code == -signal.SIGKILL


def test_what_a_dead_child_had_started_is_ended_with_it(tmp_path: Path) -> None:
    made = child(tmp_path, PARENT)
    grandchild = int(wait_for_output(made))
    assert made.process is not None
    made.process.kill()
    made.process.wait()
    assert processes.is_alive(grandchild)
    made.bury()
    deadline = time.monotonic() + 10
    while processes.is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes.is_alive(grandchild)


def test_a_large_log_is_put_aside_when_the_child_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LARGEST_LOG", 3)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/fake.log").write_text("older\n")
    made = child(tmp_path, "print('newer')")
    assert made.process is not None
    made.process.wait(20)
    assert made.log.read_text() == "newer\n"
    assert (tmp_path / "logs/fake.log.1").read_text() == "older\n"


def test_more_deaths_than_allowed_within_a_minute_are_hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 20.0, 30.0, 40.0, 45.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    deaths = DeathCount()
    for _ in range(MOST_DEATHS):
        deaths.add()
    assert not deaths.is_hopeless
    deaths.add()
    assert deaths.is_hopeless


def test_deaths_of_longer_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    deaths = DeathCount()
    for _ in range(7):
        deaths.add()
        assert not deaths.is_hopeless


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_child_ends_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from deploy.local.children import Child; "
        f"made = Child('fake', ['sleep', '60'], dict(os.environ), Path('.'), Path({str(tmp_path)!r}) / 'x.log'); "
        "made.start(); print(made.process.pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    supervisor = Child("outer", [sys.executable, "-c", code], dict(os.environ), root, tmp_path / "outer.log")
    supervisor.start()
    inner = int(wait_for_output(supervisor))
    assert supervisor.process is not None
    supervisor.process.kill()
    supervisor.process.wait()
    deadline = time.monotonic() + 10
    while processes.is_alive(inner) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes.is_alive(inner)
