import stat
import subprocess
from pathlib import Path

import pytest

from deploy.local import instance, processes
from deploy.local.instance import AlreadyRunning, Instance


def test_a_second_run_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    first = Instance(tmp_path)
    first.claim()
    first.write(address="http://127.0.0.1:8000")
    with pytest.raises(AlreadyRunning, match=r"already running at http://127.0.0.1:8000 \(process \d+\)"):
        Instance(tmp_path).claim()
    first.release()
    second = Instance(tmp_path)
    second.claim()
    second.release()


def test_notes_may_hold_a_password_and_are_ours_alone(tmp_path: Path) -> None:
    claim = Instance(tmp_path)
    claim.write(environment={"DATABASE_URL": "postgresql://someone:secret@host/name"})
    assert stat.S_IMODE(claim.notes.stat().st_mode) == 0o600


def test_broken_notes_are_no_notes(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"pid": 1')
    assert instance.read(tmp_path / "run.json") == {}


def test_programs_of_a_killed_run_are_stopped(tmp_path: Path) -> None:
    command = ["sleep", "60"]
    with subprocess.Popen(command) as left_over:
        Instance(tmp_path).write(children=[instance.describe("web", left_over.pid, command)])
        assert Instance(tmp_path).end_left_overs() == ["web"]
        assert left_over.wait(10) != 0


@pytest.mark.parametrize("difference", [{"started": "1"}, {"command": "gunicorn"}])
def test_a_stranger_under_a_noted_number_is_left_alone(tmp_path: Path, difference: dict[str, str]) -> None:
    command = ["sleep", "60"]
    with subprocess.Popen(command) as stranger:
        note = instance.describe("web", stranger.pid, command)
        Instance(tmp_path).write(children=[{**note, **difference}])
        assert Instance(tmp_path).end_left_overs() == []
        assert processes.is_alive(stranger.pid)
        stranger.kill()
