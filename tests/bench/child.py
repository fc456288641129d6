"""Run one method on frames in a process of its own, and measure it: ``python -m tests.bench.child JOB RESULT``."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

# Linux counts memory in KiB, macOS in bytes.
UNIT = 1 if sys.platform == "darwin" else 1024


def main(job_path: str, result_path: str) -> None:
    """Read the job, run it once its library is imported and its frames are read, and write what was found."""
    job = json.loads(Path(job_path).read_text())
    module, _, name = job["place"].partition(":")
    run = getattr(importlib.import_module(module), name)
    frames = [pd.read_parquet(path) for path in job["frames"]]
    warnings.simplefilter("ignore")
    idle, started = cpu_seconds(), time.perf_counter()
    found: dict[str, Any] = run(*frames, seed=job["seed"])
    found["seconds"] = time.perf_counter() - started
    found["cpu_seconds"] = cpu_seconds() - idle
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
    found["load"] = os.getloadavg()[0]
    Path(result_path).write_text(json.dumps(found))


def cpu_seconds() -> float:
    """Count this process's seconds of computing, all threads, in user and system mode."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
