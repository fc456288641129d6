"""A penalized point fit, milliseconds long, that tells the sampler where and how wide the judgments are.

It is never an estimate: coordinates built from it are exact for any numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from calibration.bayes import kernel, row_terms
from calibration.bayes.coordinates import T_STRETCH, Coordinates, Pull, Tail
from calibration.bayes.data import COVARIATES, ComparisonData, FloatArray
from calibration.bayes.posterior import rows_of
from calibration.bayes.zero_sum import ZeroSum

# typical place and spread of each block, used as its penalty
STRENGTH_SD, ITEM_SD = 1.0, 1.0
ANNOTATOR_CENTER = np.array([1.0, *([0.0] * len(COVARIATES)), -1.0])
ANNOTATOR_SD = np.array([0.5, *([0.5] * len(COVARIATES)), 1.0])
BLUR_BOUNDS, SHARP_BLUR_BOUNDS = (0.02, 0.2), (0.002, 0.2)


@dataclass(frozen=True, slots=True)
class PointFit:
    """Hold the penalized optimum; ``annotator`` has discrimination, slopes and log tie width as columns."""

    contrast: FloatArray
    strength: FloatArray
    quality: FloatArray
    annotator: FloatArray


def point_fit(data: ComparisonData, lapse: float = 0.0) -> PointFit:
    """Maximize the likelihood under independent normal penalties, by L-BFGS on the fused kernel."""
    zero_sum = ZeroSum.of(data.system_component)
    n_contrasts, n_items, n_annotators = zero_sum.free.size, len(data.items), len(data.annotators)
    center = np.concatenate([np.zeros(n_contrasts + n_items), np.tile(ANNOTATOR_CENTER, n_annotators)])
    sd = np.concatenate(
        [np.full(n_contrasts, STRENGTH_SD), np.full(n_items, ITEM_SD), np.tile(ANNOTATOR_SD, n_annotators)]
    )
    rows, m = rows_of(data), data.levels
    cut = np.concatenate([[-np.inf], -np.arange(m, 0.0, -1.0), np.arange(1.0, m + 1.0), [np.inf]])
    rate = np.full(n_annotators, lapse)

    def unpack(z: FloatArray) -> PointFit:
        contrast, effect, annotator = np.split(center + sd * z, [n_contrasts, n_contrasts + n_items])
        strength = zero_sum.strengths(contrast)
        quality = strength[data.item_system_a] - strength[data.item_system_b] + effect
        return PointFit(contrast, strength, quality, annotator.reshape(n_annotators, -1))

    def objective(z: FloatArray) -> tuple[float, FloatArray]:
        at = unpack(z)
        value, d_quality, d_annotator, *_ = kernel.comparison_loglik(at.quality, at.annotator, cut, rate, rows)
        d_strength = np.bincount(data.item_system_a, d_quality, len(data.systems))
        d_strength -= np.bincount(data.item_system_b, d_quality, len(data.systems))
        gradient = np.concatenate([zero_sum.contrasts(d_strength), d_quality, d_annotator.ravel()])
        return 0.5 * float(z @ z) - value, z - sd * gradient

    options = {"maxiter": 200, "maxcor": 20}
    return unpack(minimize(objective, np.zeros(sd.size), jac=True, method="L-BFGS-B", options=options).x)


def first_coordinates(data: ComparisonData) -> Coordinates:
    """Derive the sampler's coordinates from the point fit and its expected information."""
    fit = point_fit(data)
    information = row_terms.information(*row_terms.predictor(data, fit.quality[data.item], fit.annotator))
    blocks = _annotator_information(data, fit, information)
    # precision of each parameter with the annotator's other parameters integrated out
    joint = np.linalg.inv(blocks + np.diag(ANNOTATOR_SD**-2.0))
    precision = 1.0 / np.diagonal(joint, axis1=1, axis2=2) - ANNOTATOR_SD**-2.0
    by_item = np.bincount(data.item, information[0] * fit.annotator[data.annotator, 0] ** 2, len(data.items))
    return Coordinates(
        annotator=Pull.without_prior(precision, fit.annotator, ANNOTATOR_CENTER, ANNOTATOR_SD),
        lean=np.zeros_like(fit.annotator),
        row=row_pull(data, fit.quality, fit.annotator),
        strength_contrast=Pull.without_prior(_contrast_precision(data, by_item), fit.contrast, 0.0, STRENGTH_SD),
        tail=tail(precision, np.ones_like(precision), ANNOTATOR_SD**-2.0),
        panel_weight=panel_weight(precision[:, 0]),
        panel_blur=_panel_blur(precision[:, 0], fit.annotator[:, 0]),
        **sharpness(data, precision[:, -1], fit.annotator[:, -1]),
        lapse_lean=0.0,
    )


def sharpness(
    data: ComparisonData, precision: FloatArray, log_width: FloatArray, share: float = 0.5, power: float = 0.5
) -> dict[str, Any]:
    """Tell how the first group's sharpness follows from its log tie widths.

    With tau^2 the variance of their mean that single annotators make and V all of its variance, a share of
    1 - tau^2 / V and a blur of tau sqrt(share) leave annotators' own coordinates uncorrelated with the sharpness.
    """
    known = np.where(data.annotator_group == data.reference_group, np.maximum(precision, 0.0) + 0.1, 0.0)
    return {
        "sharp_weight": known / known.sum(),
        "sharp_hinge": log_width.copy(),
        "sharp_blur": float(np.clip(np.sqrt(share / known.sum()), *SHARP_BLUR_BOUNDS)),
        "sharp_share": share,
        "sharp_power": power,
    }


def row_pull(data: ComparisonData, quality: FloatArray, annotator: FloatArray) -> Pull:
    """Give each row's information on discrimination times quality, and that times its working response."""
    eta, kappa = row_terms.predictor(data, quality[data.item], annotator)
    score, information = row_terms.scores(eta, kappa, data.outcome)[0], row_terms.information(eta, kappa)[0]
    return Pull(information, information * annotator[data.annotator, 0] * quality[data.item] + score)


def _annotator_information(data: ComparisonData, fit: PointFit, information: FloatArray) -> FloatArray:
    n_parameters = fit.annotator.shape[1]
    d_eta = np.column_stack([fit.quality[data.item], data.covariates, np.zeros(data.n_judgments)])
    d_log_kappa = np.tile(np.eye(n_parameters)[-1], (data.n_judgments, 1))
    jacobian = np.stack([d_eta, d_log_kappa], axis=1)
    weight = information[[0, 1, 1, 2]].T.reshape(-1, 2, 2)
    blocks = np.zeros((len(data.annotators), n_parameters, n_parameters))
    np.add.at(blocks, data.annotator, np.einsum("nri,nrs,nsj->nij", jacobian, weight, jacobian))
    return blocks


def _contrast_precision(data: ComparisonData, by_item: FloatArray) -> FloatArray:
    weight = by_item / (1.0 + ITEM_SD**2 * by_item)
    by_system = np.bincount(data.item_system_a, weight, len(data.systems))
    by_system += np.bincount(data.item_system_b, weight, len(data.systems))
    return by_system[ZeroSum.of(data.system_component).free]


def tail(precision: FloatArray, weight: FloatArray, prior: FloatArray) -> Tail:
    """Stretch the discrimination of annotators whom the judgments leave to the prior, shape (annotators, ...)."""
    stretch = np.zeros(precision.shape)
    left = (prior / (prior + np.maximum(precision, 0.0)))[:, 0]
    stretch[:, 0] = T_STRETCH * left
    return Tail(weight, stretch)


def panel_weight(precision: FloatArray) -> FloatArray:
    """Give each annotator's share in the panel's common scale, by how well the judgments know them."""
    weight = precision + 1e-3 * precision.mean() + 1e-9
    return weight / weight.sum()


def _panel_blur(precision: FloatArray, discrimination: FloatArray) -> float:
    width = 1.0 / np.sqrt((precision * discrimination**2).sum() + 1.0)
    return float(np.clip(width, *BLUR_BOUNDS))
