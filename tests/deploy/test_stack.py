import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from annotation.models import Heartbeat
from deploy.local import processes
from deploy.local.stack import LocalStack
from deploy.local.supervisor import ask_health

PATIENCE = 90.0


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE:.0f} s"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """Give a whole Steelyard of its own."""
    with LocalStack() as running:
        yield running


def is_well(stack: LocalStack) -> bool:
    return ask_health(stack.port)[0] == http.client.OK


@pytest.mark.faults
@pytest.mark.parametrize("name", ["beat", "judge"])
def test_a_killed_program_comes_back_by_itself(stack: LocalStack, name: str) -> None:
    first = stack.pid_of(name)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: stack.pid_of(name) != first, f"another {name}")
    wait_until(lambda: is_well(stack), "health")
    assert processes.is_alive(stack.pid_of(name))


@pytest.mark.faults
@pytest.mark.parametrize(("name", "queue"), [("worker", "default"), ("fits", "fits")])
def test_a_queue_has_a_sign_of_life_again_after_its_worker_was_killed(stack: LocalStack, name: str, queue: str) -> None:
    heartbeats = sql.Identifier(Heartbeat._meta.db_table)
    ask = sql.SQL("select exists (select from {} where queue = %s and seen_at > %s)").format(heartbeats)
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as connection:
        os.kill(stack.pid_of(name), signal.SIGKILL)
        killed_at = connection.execute("select now()").fetchall()[0][0]
        wait_until(lambda: connection.execute(ask, [queue, killed_at]).fetchall()[0][0], f"a heartbeat of {queue}")


@pytest.mark.faults
def test_stopping_leaves_no_process_and_no_folder(stack: LocalStack) -> None:
    numbers = [stack.pid_of(name) for name in ("web", "worker", "fits", "beat", "judge", "postgres")]
    stack.stop()
    assert [pid for pid in numbers if processes.is_alive(pid)] == []
    assert not stack.state_dir.exists()
