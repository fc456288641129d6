"""Kill parts of a real stack while people label over HTTP; what was acknowledged must be there afterwards."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import httpx2
import psycopg
import pytest

from deploy.demo import population
from deploy.demo.client import Client
from deploy.local.stack import LocalStack
from tests.conftest import ROOT

pytestmark = pytest.mark.faults

SLUG = "faults"
PEOPLE = [f"person{number}" for number in range(6)]
SECONDS_TO_RECOVER = 60


@pytest.fixture(scope="module")
def stack():
    with LocalStack(seed=False, output=subprocess.DEVNULL) as running:
        create = [sys.executable, "manage.py", "create_user"]
        for arguments in (["rita", "--researcher"], PEOPLE):
            subprocess.run(
                [*create, *arguments], cwd=ROOT, env=running.env, input=population.PASSWORD, text=True, check=True
            )
        prepare(running)
        yield running


def sign_in(stack, name):
    return Client.sign_in(stack.base_url, name, population.PASSWORD)


def prepare(stack):
    with sign_in(stack, "rita") as rita:
        open_campaign(stack, rita)


def open_campaign(stack, rita):
    rita.post("/campaigns/", {"name": "Faults", "slug": SLUG, "overlap": 3})
    rita.post(f"/campaigns/{SLUG}/state/", {"action": "open"})
    job = rita.upload(f"/campaigns/{SLUG}/imports/", [population.TASKS], format="tasks", commit="true")
    path = f"/campaigns/{SLUG}/imports/{job['id']}/"
    assert rita.wait(path, until={"done", "failed"}, seconds=120, show=lambda job: None)["state"] == "done"
    for name in PEOPLE:
        with sign_in(stack, name) as person:
            person.post(f"/campaigns/{SLUG}/apply/")
    for applicant in rita.every(f"/campaigns/{SLUG}/enrollments/"):
        rita.post(f"/campaigns/{SLUG}/enrollments/{applicant['annotator']}/", {"decision": "accept", "reason": "test"})


class Labeler(threading.Thread):
    """Labels until told to stop, tries again after every failure, and notes what was acknowledged."""

    def __init__(self, stack, name, stop):
        super().__init__(name=name)
        self.client = sign_in(stack, name)
        self.stop, self.acknowledged, self.statuses = stop, [], []

    def run(self):
        while not self.stop.is_set():
            with contextlib.suppress(httpx2.HTTPError):
                response = self.client.http.post(f"/campaigns/{SLUG}/next/", json={})
                if response.status_code != 200:
                    self.statuses.append(response.status_code)
                    time.sleep(0.1)
                    continue
                self.answer(response.json()["id"])

    def answer(self, assignment):
        body = {"answers": {"overall": {"side": "left"}}}
        for _ in range(200):
            with contextlib.suppress(httpx2.HTTPError):
                headers = {"Idempotency-Key": f"key-{assignment}"}
                response = self.client.http.post(f"/assignments/{assignment}/judgments/", json=body, headers=headers)
                if response.status_code in {200, 201}:
                    self.acknowledged.append(assignment)
                    return
                self.statuses.append(response.status_code)
                if response.status_code == 409:
                    return
            time.sleep(0.1)


@contextlib.contextmanager
def labeling(stack):
    """Let everybody label while the block runs."""
    stop = threading.Event()
    labelers = [Labeler(stack, name, stop) for name in PEOPLE]
    for labeler in labelers:
        labeler.start()
    try:
        yield labelers
    finally:
        stop.set()
        for labeler in labelers:
            labeler.join()
            labeler.client.http.close()


@pytest.mark.parametrize("victim", ["web", "worker", "postgres"])
def test_every_acknowledged_judgment_survives_kill_9(stack, victim):
    with labeling(stack) as labelers:
        for _ in range(3):
            time.sleep(1.5)
            os.kill(stack.pid_of(victim), signal.SIGKILL)
            wait_until_well(stack)
        time.sleep(1)
    acknowledged = [assignment for labeler in labelers for assignment in labeler.acknowledged]
    assert len(acknowledged) > 30
    assert missing(stack, acknowledged) == set()
    assert overruns(stack) == []


def wait_until_well(stack):
    deadline = time.monotonic() + SECONDS_TO_RECOVER
    time.sleep(0.3)
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{stack.base_url}/healthz", timeout=5).status_code == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the stack was not well again within {SECONDS_TO_RECOVER} s")


def query(stack, sql):
    with psycopg.connect(stack.env["DATABASE_URL"]) as connection:
        return connection.execute(sql).fetchall()


def missing(stack, acknowledged):
    sql = "select a.public_id from annotation_judgment j join annotation_assignment a on a.id = j.assignment_id"
    stored = [row[0] for row in query(stack, sql)]
    assert len(stored) == len(set(stored)), "no assignment was answered twice"
    return set(acknowledged) - set(stored)


def overruns(stack):
    return query(
        stack, "select task_id from annotation_judgment group by task_id having count(distinct annotator_id) > 3"
    )


@pytest.mark.slow
def test_a_running_calibration_is_retried_after_its_worker_was_killed(stack):
    with labeling(stack):
        time.sleep(3)
    with sign_in(stack, "rita") as rita:
        done = kill_while_running(stack, rita)
    assert done["state"] in {"passed", "not_converged"}
    assert query(stack, "select max(attempts) from calibration_run")[0][0] >= 2


def kill_while_running(stack, rita):
    run = rita.post(f"/campaigns/{SLUG}/runs/", {"seed": 1})
    path = f"/runs/{run['id']}/"
    rita.wait(path, until={"running"}, seconds=60, show=lambda job: None)
    fits = stack.pid_of("fits")
    children = subprocess.run(["pgrep", "-P", str(fits)], capture_output=True, text=True, check=True).stdout.split()
    for pid in [*map(int, children), fits]:
        os.kill(pid, signal.SIGKILL)
    return rita.wait(path, until={"passed", "not_converged", "failed"}, seconds=420, show=lambda job: None)
