"""Two hundred evaluators at once against gunicorn: nothing lost, doubled or beyond the overlap. `make load` runs it."""

from __future__ import annotations

import argparse
import contextlib
import csv
import logging
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path

import tests.environment  # noqa: F401  (a temporary PostgreSQL, before the settings are read)
from tests.load.seeded import OVERLAP, Count, recount, seed

ROOT = Path(__file__).resolve().parents[2]
RATIO = 6.0


def main() -> int:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="steelyard-load-") as name:
        folder = Path(name)
        _set_up(folder)
        # More than they can answer, so that nobody runs dry: at least the shortest thought between two answers.
        answers = asked.people * (asked.seconds / asked.think[0] + 1)
        seed(folder, asked.people, tasks=int(answers / OVERLAP) + asked.people)
        with _web(folder, is_faulty=asked.fault) as address:
            _locust(folder, address, asked)
        count = recount(folder)
        failures, is_quick = _print(folder, count)
    if asked.fault:
        caught = not count.is_whole
        print("The fault was caught." if caught else "The fault was NOT caught: the load proves nothing.")
        return 0 if caught else 1
    return 0 if count.is_whole and not failures and is_quick else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--think", type=float, nargs=2, default=(5.0, 10.0), help="least and most seconds a task")
    parser.add_argument("--fault", action="store_true", help="take the row locks out; succeeds if that is noticed")
    return parser.parse_args()


def _set_up(folder: Path) -> None:
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", "No directory at")
    os.environ |= {"STATE_DIR": str(folder), "LOAD_FOLDER": str(folder)}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.conf.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The same names without the compressed twins, which take a minute and change no figure here.
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


@contextlib.contextmanager
def _web(folder: Path, *, is_faulty: bool) -> Iterator[str]:
    """Run the web server as production does; with the fault only its module differs."""
    from deploy.local import programs
    from deploy.local.ports import somewhere

    port = somewhere()
    command = programs.web(port)
    if is_faulty:
        command = ["tests.load.faulty:application" if part == programs.WSGI else part for part in command]
    address = f"http://127.0.0.1:{port}"
    with (folder / "web.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(address)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/login/", timeout=5)  # noqa: S310  (our own loopback server)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The web server did not start.")


def _locust(folder: Path, address: str, asked: argparse.Namespace) -> None:
    least, most = (str(seconds) for seconds in asked.think)
    options = ["--headless", "--only-summary", "--host", address, "--csv", str(folder / "load")]
    amount = ["--users", str(asked.people), "--spawn-rate", str(max(1, asked.people // 5))]
    ending = ["--run-time", f"{asked.seconds}s", "--stop-timeout", "15", "--exit-code-on-error", "0"]
    with (folder / "locust.log").open("w") as log:
        ended = subprocess.run(
            [sys.executable, "-m", "locust", "-f", "tests/load/evaluators.py", *options, *amount, *ending],
            cwd=ROOT,
            env={**os.environ, "LOAD_THINK_LEAST": least, "LOAD_THINK_MOST": most},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    said = (folder / "locust.log").read_text()
    if ended.returncode or "Traceback" in said:
        raise SystemExit(f"The evaluators failed themselves.\n{said[-3_000:]}")


def _print(folder: Path, count: Count) -> tuple[int, bool]:
    """Print what the requests cost and what the rows say; return how many failed and whether the ratio is kept."""
    with (folder / "load_stats.csv").open() as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    print(f"{'request':<18}{'count':>8}{'failed':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    for name, row in rows.items():
        figures = (row["50%"], row["95%"], row["99%"])
        cells = "".join(f"{figure:>9}" for figure in figures)
        print(f"{name:<18}{row['Request Count']:>8}{row['Failure Count']:>8}{cells}")
    base, worked = float(rows["no-op view"]["95%"]), float(rows["submit and next"]["95%"])
    print(f"p95 of an answer and the next task is {worked / base:.1f} times a no-op view's (at most {RATIO:.0f})")
    print(", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in count._asdict().items()))
    return int(rows["Aggregated"]["Failure Count"]), worked <= RATIO * base


if __name__ == "__main__":
    sys.exit(main())
