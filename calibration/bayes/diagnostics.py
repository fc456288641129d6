"""Decide whether a fit's numbers may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from calibration.bayes.mixing import mixing

MAX_RHAT, MIN_ESS, MIN_EBFMI = 1.01, 400.0, 0.3


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Convergence figures of a fit and the bars it missed."""

    passed: bool
    reasons: tuple[str, ...]
    max_rhat: float
    min_ess_bulk: float
    min_ess_tail: float
    divergences: int
    treedepth_hits: int
    min_ebfmi: float
    n_parameters: int

    def as_dict(self) -> dict[str, Any]:
        """Give the figures as plain values for a JSON field."""
        return asdict(self) | {"reasons": list(self.reasons)}


def check(
    draws: Mapping[str, np.ndarray], stats: Mapping[str, np.ndarray], *, max_depth: int, cores: int = 1
) -> Diagnostics:
    """Check every parameter of a fit against the gate.

    Rank-normalized split R-hat below 1.01, bulk and tail ESS above 400, no divergence, no draw at the largest tree
    depth, E-BFMI above .3 in every chain.

    Parameters
    ----------
    draws
        Arrays (chains, draws, ...) of every parameter; the worst element counts. Constants are no parameters.
    stats
        Arrays (chains, draws) named energy, diverging, depth.
    max_depth
        The sampler's limit of the tree depth.
    cores
        Threads that share the parameters.

    References
    ----------
    Vehtari et al. 2021, doi:10.1214/20-BA1221; Betancourt 2016, arXiv:1604.00695.
    """
    parts = [mixing(_varying(values), cores=cores) for values in draws.values()]
    rhat = float(np.max(np.concatenate([part.rhat for part in parts])))
    bulk = float(np.min(np.concatenate([part.ess_bulk for part in parts])))
    tail = float(np.min(np.concatenate([part.ess_tail for part in parts])))
    energy = stats["energy"]
    ebfmi = float(min((np.diff(e) ** 2).mean() / e.var() for e in energy))
    count = sum(part.rhat.size for part in parts)
    divergences, hits = int(stats["diverging"].sum()), int((stats["depth"] >= max_depth).sum())
    reasons = [
        text
        for missed, text in (
            (not rhat < MAX_RHAT, f"R-hat is {rhat:.3f}, the bar is {MAX_RHAT}"),
            (not bulk > MIN_ESS, f"bulk ESS is {bulk:.0f}, the bar is {MIN_ESS:.0f}"),
            (not tail > MIN_ESS, f"tail ESS is {tail:.0f}, the bar is {MIN_ESS:.0f}"),
            (divergences > 0, f"{divergences} divergences"),
            (hits > 0, f"{hits} draws at the largest tree depth"),
            (not ebfmi > MIN_EBFMI, f"E-BFMI is {ebfmi:.2f}, the bar is {MIN_EBFMI}"),
        )
        if missed
    ]
    return Diagnostics(not reasons, tuple(reasons), rhat, bulk, tail, divergences, hits, ebfmi, count)


def _varying(values: np.ndarray) -> np.ndarray:
    """Give an array's elements that are no constants, shape (chains, draws, elements)."""
    flat = values.reshape(*values.shape[:2], -1)
    varies = (flat != flat[:1, :1]).any(axis=(0, 1))
    return flat if varies.all() else flat[:, :, varies]
