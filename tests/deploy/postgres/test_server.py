import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from deploy.local import processes
from deploy.local.postgres import Server, ServerFailed, ServerInUse, temporary_server

ROOT = Path(__file__).resolve().parents[3]
HOLD = (
    "import sys, time; from pathlib import Path; from deploy.local.postgres import Server; "
    "server = Server(Path(sys.argv[1]), durable=False); server.start(); print(server.pid, flush=True); time.sleep(60)"
)


def ask(server: Server, question: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while processes.is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)


def test_a_temporary_server_answers_and_leaves_nothing_behind() -> None:
    with temporary_server() as server:
        assert ask(server, "select current_database()") == "steelyard"
        folder, socket_dir, pid = server.state_dir, server.socket_dir, server.pid
        assert pid is not None
    assert not folder.exists()
    assert not socket_dir.exists()
    assert not processes.is_alive(pid)


def test_text_sorts_by_code_point_and_folds_case_beyond_ascii(begun: Path) -> None:
    with Server(begun, durable=False) as server:
        assert ask(server, "select 'Z' < 'a'") is True
        if server.programs.major >= 17:
            assert ask(server, "select lower('ÀÉ')") == "àé"


def test_a_lasting_server_flushes_every_commit(begun: Path) -> None:
    with Server(begun) as server:
        shown = [ask(server, f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    assert shown == ["on", "on", "on"]


def test_only_a_socket_in_a_private_folder_is_listened_on(begun: Path) -> None:
    with Server(begun, durable=False) as server:
        assert ask(server, "show listen_addresses") == ""
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert len(str(server.socket_dir / ".s.PGSQL.5432")) < 108


def test_data_outlives_a_stop_and_the_address_stays(state_dir: Path) -> None:
    with Server(state_dir, durable=False) as first:
        with psycopg.connect(first.url) as connection:
            connection.execute("create table kept as select 42 as answer")
        assert first.created
    with Server(state_dir, durable=False) as second:
        assert second.url == first.url
        assert not second.created
        assert ask(second, "select answer from kept") == 42


def test_committed_rows_survive_kill_nine(begun: Path) -> None:
    with Server(begun) as server:  # one that does not flush loses the row
        with psycopg.connect(server.url) as connection:
            connection.execute("create table survivors as select 42 as answer")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        while server.is_running():
            time.sleep(0.01)
        server.start()
        assert ask(server, "select answer from survivors") == 42


def test_a_second_owner_of_the_folder_is_refused(begun: Path) -> None:
    with Server(begun, durable=False) as server:
        with pytest.raises(ServerInUse, match="already running"):
            Server(begun, durable=False).start()
        assert ask(server, "select 1") == 1


def test_a_server_left_over_by_a_killed_owner_is_replaced(begun: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, begun], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        left_over = int(owner.stdout.readline())
        owner.kill()
    with Server(begun, durable=False) as server:
        assert server.pid != left_over
        wait_until_gone(left_over)
        assert ask(server, "select 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_the_server_ends_with_its_owner(begun: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, begun], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        owner.kill()
    wait_until_gone(server)


def test_a_stale_number_that_now_belongs_to_a_stranger_is_ignored(begun: Path) -> None:
    with Server(begun, durable=False) as server:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        while server.is_running():
            time.sleep(0.01)
        pid_file = begun / "postgres/data/postmaster.pid"
        lines = pid_file.read_text().split("\n")
        # of the server's own account, because PostgreSQL itself ignores the others
        account = None if server.account is None else server.account.uid
        with subprocess.Popen(["sleep", "60"], user=account) as stranger:
            pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
            server.start()
            assert stranger.poll() is None
            stranger.kill()
        assert ask(server, "select 1") == 1


def test_a_half_made_folder_of_an_interrupted_first_start_is_thrown_away(spoilable: Path) -> None:
    (spoilable / "postgres/data").rename(spoilable / "postgres/data.unfinished")
    (spoilable / "postgres/data.unfinished/PG_VERSION").unlink()
    with Server(spoilable, durable=False) as server:
        assert server.created
        assert ask(server, "select 1") == 1


def test_files_of_another_major_version_are_refused_with_what_to_do(spoilable: Path) -> None:
    (spoilable / "postgres/data/PG_VERSION").write_text("9\n")
    with pytest.raises(ServerFailed, match="made by PostgreSQL 9.*choose another STATE_DIR"):
        Server(spoilable, durable=False).start()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(spoilable: Path) -> None:
    with (spoilable / "postgres/data/postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(ServerFailed, match="no_such_setting"):
        Server(spoilable, durable=False).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to another account")
def test_as_root_the_server_runs_as_another_account(begun: Path) -> None:
    with Server(begun, durable=False) as server:
        assert server.account is not None
        status = Path(f"/proc/{server.pid}/status").read_text()
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        assert set(uids) == {str(server.account.uid)} != {"0"}
        assert next(line for line in status.splitlines() if line.startswith("Groups:")).split()[1:] == []
        assert begun.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders the server's account cannot enter")
def test_as_root_in_a_private_folder_the_data_lies_elsewhere_behind_a_link(
    state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.postgres.folders.PUBLIC_HOME", state_dir / "public")
    state_dir.chmod(0o711)
    private = tmp_path / "state"  # pytest's folders are closed to everybody else
    with Server(private, durable=False) as server:
        assert (private / "postgres").is_symlink()
        assert (private / "postgres").resolve().parent == state_dir / "public"
        assert ask(server, "select 1") == 1
    with Server(private, durable=False) as again:
        assert not again.created
