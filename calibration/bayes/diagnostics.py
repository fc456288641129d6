"""Decide whether a fit's numbers may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from arviz_stats.base import array_stats

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


def check(draws: Mapping[str, np.ndarray], stats: Mapping[str, np.ndarray], *, max_depth: int) -> Diagnostics:
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

    References
    ----------
    Vehtari et al. 2021, doi:10.1214/20-BA1221; Betancourt 2016, arXiv:1604.00695.
    """
    rhat, bulk, tail, count = 0.0, np.inf, np.inf, 0
    for values in draws.values():
        flat = values.reshape(*values.shape[:2], -1)
        flat = flat[:, :, (flat != flat[:1, :1]).any(axis=(0, 1))]
        if flat.size == 0:
            continue
        rhat = max(rhat, float(np.max(array_stats.rhat(flat, chain_axis=0, draw_axis=1))))
        bulk = min(bulk, float(np.min(array_stats.ess(flat, chain_axis=0, draw_axis=1, method="bulk"))))
        tail_ess = array_stats.ess(flat, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95))
        tail = min(tail, float(np.min(tail_ess)))
        count += flat.shape[2]
    energy = stats["energy"]
    ebfmi = float(min((np.diff(e) ** 2).mean() / e.var() for e in energy))
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
