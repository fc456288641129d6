"""Keep every measurement as JSON, so that an interrupted benchmark goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.standalone import origin
from tests.bench.methods import Method
from tests.bench.public_sets import ROOT, SEED

PEERS = ("choix", "crowd-kit", "evalica", "numpy", "scipy")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where results are kept, and whether to use those that are there."""

    folder: Path
    fresh: bool = False
    only_kept: bool = False

    @classmethod
    def of(cls, *, fresh: bool, only_kept: bool) -> Bench:
        """Take the folder bench of the state folder."""
        state = Path(os.environ.get("STATE_DIR") or ".state")
        folder = (state if state.is_absolute() else ROOT / state) / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, fresh, only_kept)

    def measure(self, method: Method, case: str, *frames: pd.DataFrame) -> dict[str, Any] | None:
        """Give what a method does with frames: kept, or run now; None where it failed or may not be run now."""
        kept = self.folder / f"{case}-{method.file_name}.json"
        identity = _identity(method, frames)
        if kept.exists() and not self.fresh:
            found: dict[str, Any] = json.loads(kept.read_text())
            if found["identity"] == identity:
                return found
        if self.only_kept:
            return None
        print(f"  {case}: {method.name} ... ", end="", flush=True)
        result = _run(method, frames)
        if result is None:
            return None
        kept.write_text(json.dumps(result | {"identity": identity}))
        print(f"{result['seconds']:.1f} s", flush=True)
        return result


def _identity(method: Method, frames: tuple[pd.DataFrame, ...]) -> str:
    """Hash the data and everything else that the result follows from."""
    digest = hashlib.sha256(method.place.encode())
    for frame in frames:
        digest.update(frame.to_csv(index=False).encode())
    names = ["answers", method.place.partition(":")[0].rpartition(".")[2]]
    for name in names:
        digest.update((ROOT / "tests" / "bench" / f"{name}.py").read_bytes())
    made_by = origin.code_sha256() if method.own else "".join(f"{name}{version(name)}" for name in PEERS)
    digest.update(made_by.encode())
    return digest.hexdigest()


def _run(method: Method, frames: tuple[pd.DataFrame, ...]) -> dict[str, Any] | None:
    """Run a method alone in a process that reads the frames from files."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            frame.to_parquet(path, index=False)
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        job.write_text(json.dumps({"place": method.place, "frames": [str(path) for path in paths], "seed": SEED}))
        command = [sys.executable, "-m", "tests.bench.child", str(job), str(result)]
        done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"failed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
            return None
        found: dict[str, Any] = json.loads(result.read_text())
        return found


def _environment() -> dict[str, str]:
    """Let libraries compute with one thread; the sampler runs its chains on two cores all the same."""
    return os.environ | dict.fromkeys(ONE_THREAD, "1") | {"PYTENSOR_FLAGS": os.environ.get("PYTENSOR_FLAGS", "cxx=")}
