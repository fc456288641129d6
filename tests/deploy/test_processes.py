import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.leash import leashed


def test_a_zombie_is_not_alive() -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not processes.is_alive(child.pid)


def test_the_start_mark_tells_two_processes_apart_and_stays() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        mark = processes.start_mark(child.pid)
        assert mark == processes.start_mark(child.pid) != processes.start_mark(os.getpid())
        child.kill()


def test_what_proc_says_is_what_ps_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Other systems have no /proc."""
    with subprocess.Popen(["sleep", "60"]) as child:
        while not processes.command_line(child.pid):  # for a moment a new program has none
            time.sleep(0.01)
        assert processes.command_line(child.pid) == "sleep 60"
        monkeypatch.setattr(processes, "PROC", tmp_path)
        assert processes.command_line(child.pid) == "sleep 60"
        assert processes.start_mark(child.pid)
        assert processes.is_alive(child.pid)
        child.kill()


def test_a_process_is_found_by_its_folder(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as child:
        found = processes.working_in(tmp_path)
        child.kill()
    assert found == ([child.pid] if sys.platform == "linux" else [])


def test_ending_goes_on_to_the_next_signal_for_the_deaf() -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        processes.end([child.pid], signals=[(signal.SIGTERM, 0.3), (signal.SIGKILL, 10.0)])
        assert child.wait(10) == -signal.SIGKILL


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_leash_gives_up_root_and_its_groups() -> None:
    command = leashed(["id"], death_signal=signal.SIGTERM, uid=65534, gid=65534)
    said = subprocess.run(command, capture_output=True, text=True, check=True, extra_groups=[0, 12345]).stdout
    assert "uid=65534" in said
    assert "(root)" not in said
    assert "12345" not in said


def test_a_leash_whose_holder_is_gone_starts_nothing() -> None:
    command = leashed(["echo", "started"], death_signal=signal.SIGTERM)
    command[4] = "1"  # a parent that is not ours
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
