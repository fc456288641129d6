"""The command lines of the programs that make up Steelyard on one machine."""

import json
import sys
from pathlib import Path

from deploy.demo.population import JUDGE
from deploy.local.children import Child
from deploy.local.plan import HOST, ROOT, Plan

WSGI = "annotation.conf.wsgi:application"
CELERY = [sys.executable, "-m", "celery", "--app", "annotation.conf.celery:app"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO", "--pidfile="]


def stages(plan: Plan, environment: dict[str, str], *, judge_port: int) -> list[list[Child]]:
    """Return all programs, grouped in the order in which they are ended."""

    def child(name: str, command: list[str], patience: float) -> Child:
        return Child(name, command, environment, ROOT, plan.logs / f"{name}.log", patience)

    return [
        [child("beat", beat(plan.state_dir), 10), child("web", web(plan.port), 15)],
        [
            child("worker", worker("default", "--pool", "threads", "--concurrency", "4"), 20),
            child("fits", worker("fits", "--pool", "prefork", "--concurrency", "1"), 20),
        ],
        [child("judge", judge(judge_port, plan.state_dir), 5)],
    ]


def web(port: int) -> list[str]:
    """Return the web server: two processes of four threads."""
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "10"]
    logs = ["--access-logfile", "-", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", WSGI, "--bind", f"{HOST}:{port}", *options, *logs]


def worker(queue: str, *pool: str) -> list[str]:
    """Return a worker of one queue; long fits have their own, so that small jobs never wait behind them."""
    return [*CELERY, "worker", "--queues", queue, "--hostname", f"{queue}@%h", *pool, *QUIET]


def beat(state_dir: Path) -> list[str]:
    """Return the clock of the periodic jobs."""
    return [*CELERY, "beat", "--schedule", str(state_dir / "celerybeat-schedule"), "--loglevel", "INFO", "--pidfile="]


def judge(port: int, state_dir: Path) -> list[str]:
    """Return the parametric judge of the demonstration, with the table of what it is to think of each response."""
    settings = json.dumps(JUDGE)
    table = str(state_dir / "judge-table.json")
    command = [sys.executable, "-m", "annotation.judges.parametric", "--port", str(port)]
    return [*command, "--table", table, "--settings", settings]
