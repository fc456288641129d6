"""Coordinates in which the posterior is nearly round.

Centered coordinates suit an annotator with many judgments, non-centered ones an annotator with few, and a small
group of judges has a funnel in both. Here each latent value x ~ N(mu, sigma) is written as

    x = (h + mu / sigma^2) / (J + 1 / sigma^2) + e / sqrt(J + 1 / sigma^2)

with J, h the precision and precision-weighted estimate that the judgments alone give for x (from a quick point
fit). e is then close to a standard normal whatever sigma is. The map is exact for any J and h: its Jacobian is part
of the density, so a bad point fit costs time, never correctness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.prefit import (
    BIAS_SD, DISCRIMINATION, DISCRIMINATION_SD, ITEM_SD, LOG_TIE_WIDTH, STRENGTH_SD, TIE_SD, PointFit, prefit, row_information,
)
from calibration.bayes.zero_sum import ZeroSum


@dataclass(frozen=True, slots=True)
class Pull:
    """Hold what the judgments alone say about a block: precision J and precision-weighted estimate h."""

    precision: FloatArray
    weighted: FloatArray

    @classmethod
    def of(cls, precision: FloatArray, estimate: FloatArray, center: Any, sd: Any) -> Pull:
        """Take the penalty N(center, sd) out of a penalized estimate."""
        return cls(precision, estimate * (precision + sd**-2.0) - center * sd**-2.0)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Hold the pulls of all blocks of the comparison model."""

    strength: Pull
    quality: Pull
    discrimination: Pull
    bias: Pull
    log_tie_width: Pull
    panel_weight: FloatArray
    panel_blur: float


def coordinates(data: ComparisonData) -> Coordinates:
    fit = prefit(data)
    by_eta, mixed, by_kappa = row_information(data, fit)
    who, n = data.annotator, len(data.annotators)
    kappa = np.exp(fit.log_tie_width)[who]
    # derivative of (eta, kappa) by (discrimination, slopes..., log tie width)
    d_eta = np.column_stack([fit.quality[data.item], data.covariates, np.zeros(data.n_judgments)])
    d_kappa = np.column_stack([np.zeros((data.n_judgments, d_eta.shape[1] - 1)), kappa])
    blocks = np.zeros((n, d_eta.shape[1], d_eta.shape[1]))
    row = (
        by_eta[:, None, None] * d_eta[:, :, None] * d_eta[:, None, :]
        + mixed[:, None, None] * (d_eta[:, :, None] * d_kappa[:, None, :] + d_kappa[:, :, None] * d_eta[:, None, :])
        + by_kappa[:, None, None] * d_kappa[:, :, None] * d_kappa[:, None, :]
    )
    np.add.at(blocks, who, row)
    sd = np.array([DISCRIMINATION_SD, *([BIAS_SD] * (d_eta.shape[1] - 2)), TIE_SD])
    center = np.array([DISCRIMINATION, *([0.0] * (d_eta.shape[1] - 2)), LOG_TIE_WIDTH])
    estimate = np.column_stack([fit.discrimination, fit.slopes, fit.log_tie_width])
    # precision of each parameter with the annotator's others integrated out
    precision = 1.0 / np.diagonal(np.linalg.inv(blocks + np.diag(sd**-2.0)), axis1=1, axis2=2) - sd**-2.0
    precision = np.maximum(precision, 0.0)
    own = Pull.of(precision, estimate, center, sd)
    item_precision = np.bincount(data.item, by_eta * fit.discrimination[who] ** 2, len(data.items))
    zero_sum = ZeroSum.of(data.system_component)
    strength = zero_sum.strengths(fit.contrast)
    gap = strength[data.item_system_a] - strength[data.item_system_b]
    weight = 1.0 / (ITEM_SD**2 + 1.0 / np.maximum(item_precision, 1e-9))
    design = np.zeros((len(data.items), len(data.systems)))
    design[np.arange(len(data.items)), data.item_system_a] += 1
    design[np.arange(len(data.items)), data.item_system_b] -= 1
    contrast_precision = (weight @ (design @ zero_sum.basis()) ** 2)
    J = own.precision[:, 0]
    w = J + 1e-3 * J.mean() + 1e-9
    w /= w.sum()
    blur = float(np.clip((J * fit.discrimination**2).sum() ** -0.5, 0.02, 0.2))
    print('blur', blur)
    return Coordinates(panel_weight=w, panel_blur=blur,
        strength=Pull.of(contrast_precision, fit.contrast, 0.0, STRENGTH_SD),
        quality=Pull.of(item_precision, fit.quality, gap, ITEM_SD),
        discrimination=Pull(own.precision[:, 0], own.weighted[:, 0]),
        bias=Pull(own.precision[:, 1:-1], own.weighted[:, 1:-1]),
        log_tie_width=Pull(own.precision[:, -1], own.weighted[:, -1]),
    )


def latent(name: str, prior: Any, mu: Any, sigma: Any, pull: Pull, dims: Any, unit: Any = 1.0) -> Any:
    precision = pull.precision + (sigma / unit) ** -2.0
    raw = pm.Flat(f"{name}_raw", dims=dims)
    value = unit * ((pull.weighted + mu * unit * sigma**-2.0) / precision + raw / pt.sqrt(precision))
    pm.Potential(f"{name}_prior", pm.logp(prior, value).sum() - 0.5 * pt.log(precision).sum() + raw.size * pt.log(unit))
    return pm.Deterministic(name, value, dims=dims)

def scale(name, sd, floor, dims=None, unit=1.0):
    raw = pm.Flat(f"{name}_raw", dims=dims)
    excess = pt.exp(raw) * unit
    prior = pm.TruncatedNormal.dist(mu=0.0, sigma=sd, lower=floor)
    pm.Potential(f"{name}_prior", pt.sum(pm.logp(prior, floor+excess) + pt.log(excess)))
    return pm.Deterministic(name, floor + excess, dims=dims)
