"""Sample the comparison model through nutpie: a pilot for better coordinates, then the run that counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import nutpie

from calibration.bayes import diagnostics, pilot, prefit
from calibration.bayes.comparison import DEFAULT_PRIORS, build_comparison_model
from calibration.bayes.data import ComparisonData
from calibration.bayes.diagnostics import Diagnostics
from calibration.bayes.priors import ComparisonPriors

MAX_DEPTH = 10


class Cancelled(Exception):
    """The fit was told to stop."""


@dataclass(frozen=True, slots=True)
class Progress:
    percent: float
    eta_seconds: float | None
    divergences: int
    stage: str


@dataclass(frozen=True, slots=True)
class Fit:
    data: ComparisonData
    draws: dict[str, np.ndarray]
    diagnostics: Diagnostics
    chains: int
    tune: int
    n_draws: int
    seed: int
    attempts: int
    seconds: float
    versions: dict[str, str]


def fit(
    data: ComparisonData,
    *,
    seed: int,
    chains: int = 4,
    tune: int | None = None,
    draws: int | None = None,
    cores: int = 2,
    priors: ComparisonPriors = DEFAULT_PRIORS,
    progress: Callable[[Progress], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
    retry: bool = True,
) -> Fit:
    started = time.monotonic()
    tell = progress or (lambda _: None)
    tell(Progress(0, None, 0, "preparing the model"))
    first = prefit.first_coordinates(data)
    model = build_comparison_model(data, priors, coordinates=first)
    names = [variable.name for variable in model.deterministics] + ["log_panel_scale"]
    compiled = nutpie.compile_pymc_model(model, var_names=names)
    run = _Runner(chains, cores, tell, should_cancel or (lambda: False))
    trial = run.sample(compiled, 300, 200, seed, "finding coordinates", 5, 20)
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in trial[0].items()}
    compiled = compiled.with_data(**pilot.refined(first, data, flat).arrays())
    tune, n_draws = tune or 500, draws or 1_000
    found, stats = run.sample(compiled, tune, n_draws, seed + 1, "sampling", 20, 100)
    verdict = diagnostics.check(found, stats, max_depth=MAX_DEPTH)
    attempts = 1
    if not verdict.passed and retry:
        attempts, tune, n_draws = 2, 2 * tune, 3 * n_draws
        found, stats = run.sample(compiled, tune, n_draws, seed + 2, "sampling longer", 20, 100)
        verdict = diagnostics.check(found, stats, max_depth=MAX_DEPTH)
    versions = {name: version(name) for name in ("pymc", "nutpie", "pytensor")}
    seconds = time.monotonic() - started
    return Fit(data, found, verdict, chains, tune, n_draws, seed, attempts, seconds, versions)


@dataclass
class _Runner:
    chains: int
    cores: int
    tell: Callable[[Progress], None]
    should_cancel: Callable[[], bool]

    def sample(
        self, compiled: Any, tune: int, draws: int, seed: int, stage: str, low: float, high: float
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        sampler = nutpie.sample(
            compiled, tune=tune, draws=draws, chains=self.chains, cores=self.cores, seed=seed,
            progress_bar=False, save_warmup=False, blocking=False, maxdepth=MAX_DEPTH,
        )  # fmt: skip
        while True:
            try:
                trace = sampler.wait(timeout=0.5)
                break
            except TimeoutError:
                if self.should_cancel():
                    sampler.cancel()
                    raise Cancelled from None
                self.tell(Progress(low, None, 0, stage))
        trace = trace if trace is not None else sampler.inspect()
        keep = {name: trace.posterior[name].values for name in trace.posterior.data_vars}
        stats = {name: trace.sample_stats[name].values for name in ("energy", "diverging", "depth")}
        self.tell(Progress(high, None, int(stats["diverging"].sum()), stage))
        return keep, stats
