import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import __main__ as command_line
from deploy.local import instance
from deploy.local.instance import Instance
from deploy.local.plan import HOST
from deploy.local.run import lasting_port

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_taken_port_is_one_message_and_starts_nothing(state_dir: Path) -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        refused = run("run", PORT=str(port), STATE_DIR=str(state_dir))
    assert refused.returncode == 1
    assert f"Port {port} is used by another program" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not (state_dir / "postgres").exists()


def test_a_second_run_says_where_the_first_is(state_dir: Path) -> None:
    claim = Instance(state_dir)
    claim.claim()
    claim.write(address="http://127.0.0.1:8000")
    refused = run("run", STATE_DIR=str(state_dir))
    claim.release()
    assert refused.returncode == 1
    assert "already running at http://127.0.0.1:8000" in refused.stdout


def test_a_bad_port_is_one_message(state_dir: Path) -> None:
    refused = run("run", PORT="eighty", STATE_DIR=str(state_dir))
    assert refused.returncode == 1
    assert "PORT is 'eighty'" in refused.stdout


def test_a_state_folder_of_somebody_else_is_one_message() -> None:
    refused = run("run", STATE_DIR="/proc/steelyard")
    assert refused.returncode == 1
    assert "cannot be written by this account" in refused.stdout


def test_manage_without_a_running_stack_says_how_to_start_one(state_dir: Path) -> None:
    refused = run("manage", "check", STATE_DIR=str(state_dir))
    assert refused.returncode == 1
    assert "Start it first: make run" in refused.stdout


def test_manage_uses_the_environment_of_the_running_stack(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = state_dir / "seen.json"
    script = f"import json, os, sys; json.dump([sys.argv[1:], os.environ['DATABASE_URL']], open({str(out)!r}, 'w'))"
    monkeypatch.setattr(command_line, "manage", lambda *rest: [sys.executable, "-c", script, *rest])
    monkeypatch.setenv("STATE_DIR", str(state_dir))
    Instance(state_dir).write(environment={"DATABASE_URL": "postgresql:///here"})
    assert command_line.main(["manage", "export", "--wait"]) == 0
    assert json.loads(out.read_text()) == [["export", "--wait"], "postgresql:///here"]


def test_the_judges_port_stays_the_same_while_it_is_free(tmp_path: Path) -> None:
    note = tmp_path / "judge-port"
    first = lasting_port(note, 8400)
    assert lasting_port(note, 8500) == first
    with socket.socket() as listener:
        listener.bind((HOST, first))
        listener.listen()
        assert lasting_port(note, 8500) != first


def test_notes_are_gone_after_a_run_that_was_refused(state_dir: Path) -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        run("run", PORT=str(listener.getsockname()[1]), STATE_DIR=str(state_dir))
    assert instance.read(state_dir / "run.json") == {}
