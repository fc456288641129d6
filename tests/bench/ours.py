"""The project's own fits, in the form in which the benchmark asks every method."""

from __future__ import annotations

from typing import Any

import pandas as pd

from calibration.agreement.comparisons import comparisons
from calibration.bayes import predictive, prefit, sampling
from calibration.bayes.data import comparison_data
from calibration.bayes.labeling.fitting import fit_labels


def posterior(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Sample the comparison model and predict the held-out rows."""
    fit = sampling.fit(comparison_data(train), seed=seed)
    return {"p": predictive.probabilities(fit, asked).tolist()} | _gate(fit)


def gated(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Sample the comparison model."""
    return _gate(sampling.fit(comparison_data(frame), seed=seed))


def point(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Find the penalized optimum that the sampler starts from."""
    prefit.point_fit(comparison_data(frame))
    return {}


def agreement(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Measure the default statistics of agreement with their bootstrap intervals."""
    return {"records": len(comparisons(frame, seed=seed))}


def labels(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit the labels' models."""
    fit = fit_labels(frame, seed=seed)
    names = ["item", *(name for name in fit.items if name.startswith("p_"))]
    return {"items": fit.items[names].to_dict("list"), "passed": fit.converged}


def _gate(fit: sampling.Fit) -> dict[str, Any]:
    verdict = fit.diagnostics
    return {
        "passed": verdict.passed,
        "ess": min(verdict.min_ess_bulk, verdict.min_ess_tail),
        "rhat": verdict.max_rhat,
        "attempts": fit.attempts,
    }
