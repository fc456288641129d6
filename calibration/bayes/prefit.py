"""A penalized point fit, milliseconds long, that tells the sampler where and how wide the data are.

It is never an estimate: the coordinates built from it (`coordinates.py`) are exact for any numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from calibration.bayes import kernel, likelihood
from calibration.bayes.data import COVARIATES, ComparisonData, FloatArray
from calibration.bayes.zero_sum import ZeroSum

# typical spread of each block, used as its penalty
STRENGTH_SD, ITEM_SD, DISCRIMINATION_SD, BIAS_SD, TIE_SD = 1.0, 1.0, 0.5, 0.5, 1.0
DISCRIMINATION, LOG_TIE_WIDTH = 1.0, -1.0


@dataclass(frozen=True, slots=True)
class PointFit:
    """Hold the penalized optimum."""

    contrast: FloatArray
    quality: FloatArray
    discrimination: FloatArray
    slopes: FloatArray
    log_tie_width: FloatArray


def prefit(data: ComparisonData) -> PointFit:
    """Maximize the likelihood under independent normal penalties, by L-BFGS on the fused kernel."""
    zero_sum = ZeroSum.of(data.system_component)
    n_annotators, n_items, n_contrasts = len(data.annotators), len(data.items), zero_sum.free.size
    sizes = (n_contrasts, n_items, n_annotators, n_annotators * len(COVARIATES), n_annotators)
    bounds = np.cumsum(sizes)[:-1]
    center = np.concatenate([np.full(n, c) for n, c in zip(sizes, (0, 0, DISCRIMINATION, 0, LOG_TIE_WIDTH), strict=True)])
    spread = np.repeat((STRENGTH_SD, ITEM_SD, DISCRIMINATION_SD, BIAS_SD, TIE_SD), sizes)
    starts = likelihood.row_starts(data)

    def objective(z: FloatArray) -> tuple[float, FloatArray]:
        q, effect, alpha, slopes, log_kappa = np.split(center + spread * z, bounds)
        strength = zero_sum.strengths(q)
        quality = strength[data.item_system_a] - strength[data.item_system_b] + effect
        value, d_quality, d_alpha, d_slopes, d_kappa = kernel.comparison_loglik(
            quality, alpha, slopes.reshape(n_annotators, -1), log_kappa, starts, data.item, data.covariates
        )
        d_strength = np.bincount(data.item_system_a, d_quality, len(data.systems))
        d_strength -= np.bincount(data.item_system_b, d_quality, len(data.systems))
        gradient = np.concatenate([zero_sum.contrasts(d_strength), d_quality, d_alpha, d_slopes.ravel(), d_kappa])
        return 0.5 * float(z @ z) - value, z - spread * gradient

    start = np.zeros(center.size)
    best = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, "maxcor": 20})
    q, effect, alpha, slopes, log_kappa = np.split(center + spread * best.x, bounds)
    strength = zero_sum.strengths(q)
    quality = strength[data.item_system_a] - strength[data.item_system_b] + effect
    return PointFit(q, quality, alpha, slopes.reshape(n_annotators, -1), log_kappa)


def row_information(data: ComparisonData, fit: PointFit) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give each row's expected Fisher information on (eta, eta), (eta, kappa), (kappa, kappa)."""
    who = data.annotator
    eta = fit.discrimination[who] * fit.quality[data.item] + (fit.slopes[who] * data.covariates).sum(axis=1)
    kappa = np.exp(fit.log_tie_width)[who]
    a, b = expit(eta - kappa), expit(-eta - kappa)
    tie = np.maximum(-np.expm1(-2 * kappa) * (1 - a) * (1 - b), 1e-12)
    va, vb = a * (1 - a), b * (1 - b)
    by_eta = va * (1 - a) + vb * (1 - b) + (vb - va) ** 2 / tie
    mixed = vb * (1 - b) - va * (1 - a) + (vb - va) * (vb + va) / tie
    by_kappa = va * (1 - a) + vb * (1 - b) + (va + vb) ** 2 / tie
    return by_eta, mixed, by_kappa
