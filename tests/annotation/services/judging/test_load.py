"""Workers that are killed, and ten thousand calls through the limiter."""

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection

from annotation.judges.parametric.settings import Settings
from annotation.models import AuditEvent, JudgeAttempt, JudgeRequest, Judgment
from annotation.services import judging

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KILLS = 20


def environment() -> dict[str, str]:
    values = connection.settings_dict
    url = f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "annotation.conf.settings", "DEVELOPMENT": "1"}


def test_a_worker_killed_twenty_times_leaves_one_judgment_a_key(bench):
    made = bench(tasks=60, parameters=Settings(latency_ms=60))
    made.plan()
    killed = 0
    while made.run.state == "running":
        command = [sys.executable, "-m", "tests.annotation.services.judging.worker", str(made.config.pk)]
        worker = subprocess.Popen(command, env=environment())
        if killed == KILLS:
            worker.wait(timeout=200)
            break
        before = JudgeRequest.objects.filter(attempts_made__gt=0).count()
        deadline = time.monotonic() + 60
        while JudgeRequest.objects.filter(attempts_made__gt=0).count() < before + 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(random.random() * 0.15)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        killed += 1
        # Time passes: the leases of the dead run out.
        JudgeRequest.objects.filter(state="leased").update(lease_expires_at="2020-01-01T00:00:00Z")
    assert (killed, made.run.state) == (KILLS, "finished")
    rows = Judgment.objects.filter(annotator=made.config.annotator)
    keys = list(rows.values_list("idempotency_key", flat=True))
    assert len(keys) == len(set(keys)) == JudgeRequest.objects.filter(state="succeeded").count() == 120
    assert made.run.reserved == 0
    assert AuditEvent.objects.count() > 240
    print(f"{killed} kills, {JudgeAttempt.objects.count()} attempts kept, {len(made.server.seen)} calls seen")


def test_ten_thousand_calls_keep_to_the_limit_and_to_memory(bench):
    calls, rate = int(os.environ.get("JUDGE_CALLS", "10000")), 20
    made = bench(tasks=calls // 20, judge={"samples": 10}, parameters=Settings(latency_ms=50))
    judging.change_endpoint(
        endpoint=made.config.endpoint, by=made.rita, requests_per_minute=60 * rate, max_concurrent=8
    )
    assert made.plan() == calls
    marks, started = [], time.monotonic()

    def work() -> None:
        while (taken := judging.take(made.config)) is not None:
            if isinstance(taken, judging.Wait):
                time.sleep(taken.seconds)
            else:
                judging.carry_out(taken)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        time.sleep(5)
        marks.append(resident_mb())
    seconds = time.monotonic() - started
    settled = marks[len(marks) // 4 :]
    print(
        f"{calls} calls in {seconds:.0f} s: {calls / seconds:.2f}/s; resident {settled[0]:.0f} to {settled[-1]:.0f} MB"
    )
    assert JudgeRequest.objects.filter(state="succeeded").count() == calls
    assert 0.8 * rate <= calls / seconds <= 1.2 * rate
    assert settled[-1] < 1.1 * settled[0]


def resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6
