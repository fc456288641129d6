"""Sample the comparison model through nutpie: a pilot for good coordinates, then the run that counts, then the gate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import nutpie

from calibration.bayes import coordinates, diagnostics, engine, pilot, prefit
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.diagnostics import Diagnostics
from calibration.bayes.priors import DEFAULT_PRIORS, ComparisonPriors

MAX_DEPTH = 10
# Warm-up and draws of a chain. The worst of ten thousand R-hats lies this far under its bar with this many draws.
PILOT, PILOT_CHAINS = (300, 200), 2
MAIN = (300, 1_250)
# Groups of one or two judges leave funnels: where the pilot diverged, smaller steps cost less than a second try.
ACCEPT, ACCEPT_CAREFUL, ACCEPT_LONGER = 0.85, 0.9, 0.98
POLL_SECONDS = 0.5
Draws = dict[str, FloatArray]


class Cancelled(Exception):
    """The fit was told to stop."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit is: percent of all its stages, seconds still to go where known, divergences of this stage."""

    percent: float
    eta_seconds: float | None
    divergences: int
    stage: str


@dataclass(frozen=True, slots=True)
class Fit:
    """Draws (chains, draws, ...) of one fit, its gate, and what it followed from."""

    data: ComparisonData
    draws: Draws
    diagnostics: Diagnostics
    chains: int
    tune: int
    n_draws: int
    seed: int
    attempts: int
    seconds: float
    versions: dict[str, str]

    def joined(self, most: int) -> Draws:
        """Give at most ``most`` draws of each array, evenly spread over all chains, the first axis the draw."""
        n = self.chains * self.n_draws
        chosen = np.unique(np.linspace(0, n - 1, min(most, n)).round().astype(int))
        return {name: values.reshape(-1, *values.shape[2:])[chosen] for name, values in self.draws.items()}


def fit(
    data: ComparisonData,
    *,
    seed: int,
    chains: int = 4,
    tune: int = MAIN[0],
    draws: int = MAIN[1],
    cores: int = 2,
    priors: ComparisonPriors = DEFAULT_PRIORS,
    progress: Callable[[Progress], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
) -> Fit:
    """Sample the posterior and check it; a gate that is missed is tried once more with three times the draws.

    Parameters
    ----------
    data
        The judgments of one criterion.
    seed
        Fixes the draws, given versions and data.
    progress, should_cancel
        Called about twice a second in the caller's thread.

    Returns
    -------
    Fit
        Its ``diagnostics.passed`` may be False: then nothing may be released from it.

    Raises
    ------
    Cancelled
        When ``should_cancel`` says so.
    """
    started = time.monotonic()
    run = _Sampler(chains, cores, progress or (lambda _: None), should_cancel or (lambda: False))
    run.tell("preparing the model", 0)
    placed, diverged = _coordinates(data, priors, run, seed)
    compiled, accept = engine.sampled_model(data, priors, placed), ACCEPT_CAREFUL if diverged else ACCEPT
    found, verdict = run.gated(compiled, tune, draws, seed + 1, "sampling", (20, 99), accept)
    attempts = 1
    if not verdict.passed:
        attempts, tune, draws = 2, 2 * tune, 3 * draws
        found, verdict = run.gated(compiled, tune, draws, seed + 2, "sampling longer", (20, 99), ACCEPT_LONGER)
    versions = {name: version(name) for name in ("pymc", "nutpie", "numba")}
    seconds = time.monotonic() - started
    return Fit(data, found, verdict, chains, tune, draws, seed, attempts, seconds, versions)


def _coordinates(
    data: ComparisonData, priors: ComparisonPriors, run: _Sampler, seed: int
) -> tuple[coordinates.Coordinates, bool]:
    """Find where the posterior lies, roughly by a point fit, then by a short run; say whether that one diverged."""
    first = prefit.first_coordinates(data)
    model = engine.sampled_model(data, priors, first)
    short = replace(run, chains=min(run.chains, PILOT_CHAINS))
    draws, stats = short.sample(model, *PILOT, seed, "finding coordinates", (5, 20), ACCEPT)
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in draws.items()}
    return pilot.refined(first, data, flat, priors), bool(stats["diverging"].any())


@dataclass
class _Sampler:
    chains: int
    cores: int
    progress: Callable[[Progress], None]
    should_cancel: Callable[[], bool]
    seen: tuple[float, int] = field(default=(0.0, 0))

    def tell(self, stage: str, percent: float, eta: float | None = None, divergences: int = 0) -> None:
        self.progress(Progress(percent, eta, divergences, stage))

    def gated(
        self, compiled: Any, tune: int, draws: int, seed: int, stage: str, span: tuple[float, float], accept: float
    ) -> tuple[Draws, Diagnostics]:
        found, stats = self.sample(compiled, tune, draws, seed, stage, span, accept)
        return found, diagnostics.check(found, stats, max_depth=MAX_DEPTH, cores=self.cores)

    def sample(
        self, compiled: Any, tune: int, draws: int, seed: int, stage: str, span: tuple[float, float], accept: float
    ) -> tuple[Draws, Draws]:
        """Run the chains without blocking, so that progress shows and a wish to cancel is heard."""
        sampler = nutpie.sample(
            compiled,
            tune=tune,
            draws=draws,
            chains=self.chains,
            cores=self.cores,
            seed=seed,
            maxdepth=MAX_DEPTH,
            target_accept=accept,
            progress_bar=False,
            progress_callback=self._note,
            progress_rate=200,
            save_warmup=False,
            blocking=False,
        )
        trace = self._wait(sampler, self.chains * (tune + draws), stage, span)
        posterior, stats = trace.posterior, trace.sample_stats
        kept = {str(name): posterior[name].values for name in posterior.data_vars}
        return kept, {name: stats[name].values for name in ("energy", "diverging", "depth")}

    def _wait(self, sampler: Any, steps: int, stage: str, span: tuple[float, float]) -> Any:
        started, self.seen = time.monotonic(), (0.0, 0)
        while True:
            try:
                return sampler.wait(timeout=POLL_SECONDS)
            except TimeoutError:
                pass
            if self.should_cancel():
                sampler.cancel()
                raise Cancelled
            done, divergences = self.seen
            share = min(done / steps, 1.0)
            eta = (time.monotonic() - started) * (1 - share) / share if share > 0.02 else None
            self.tell(stage, span[0] + share * (span[1] - span[0]), eta, divergences)

    def _note(self, chains: Any) -> None:
        """Remember what nutpie's own thread reports about all chains."""
        self.seen = (
            float(sum(chain.finished_draws for chain in chains)),
            int(sum(chain.divergences for chain in chains)),
        )
