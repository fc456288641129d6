"""How well an annotator's judgments fit given qualities: a small model per annotator, all annotators at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.bayes import row_terms
from calibration.bayes.data import COVARIATES, ComparisonData, FloatArray

# log discrimination, one slope per covariate, log tie width; the average honest annotator discriminates with 1
CENTER = np.array([0.0, *([0.0] * len(COVARIATES)), -0.9])
SD = np.array([0.5, *([0.5] * len(COVARIATES)), 0.8])
STEPS, LONGEST, SETTLED = 12, 1.0, 1e-4


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold the posterior mode of each annotator (annotators, parameters) and the log marginal likelihood (Laplace)."""

    annotator: FloatArray
    log_marginal: FloatArray


def of_qualities(
    data: ComparisonData, quality: FloatArray, start: FloatArray | None = None, *, sd: FloatArray = SD
) -> Evidence:
    """Fit every annotator to the given quality of each of its rows.

    Parameters
    ----------
    data
        The judgments.
    quality
        Difference of a and b as each row's annotator is supposed to see it, shape (rows,). All zeros is the
        annotator to whom content means nothing, with a side and a tie habit.
    start
        Annotators to start from.
    sd
        Prior spread of each parameter around CENTER.

    Returns
    -------
    Evidence
        An annotator without rows has log marginal 0.

    References
    ----------
    Tierney and Kadane 1986, doi:10.1080/01621459.1986.10478240.
    """
    z = np.zeros((len(data.annotators), CENTER.size)) if start is None else (start - CENTER) / sd
    value = _objective(data, quality, z, sd)
    for _ in range(STEPS):
        gradient, hessian = _curvature(data, quality, z, sd)
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        step *= np.minimum(1.0, LONGEST / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-12))
        tried = _objective(data, quality, z + step, sd)
        better = tried >= value - 1e-9
        z = np.where(better[:, None], z + step, z + 0.1 * step * ~better[:, None])
        value = np.where(better, tried, _objective(data, quality, z, sd))
        if np.abs(step).max() < SETTLED:
            break
    hessian = _curvature(data, quality, z, sd)[1]
    return Evidence(CENTER + sd * z, value - 0.5 * np.linalg.slogdet(hessian)[1])


def terms(data: ComparisonData, quality: FloatArray, annotator: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give eta and kappa of the rows for annotators in the terms of this module."""
    return row_terms.predictor(data, quality, np.column_stack([np.exp(annotator[:, 0]), annotator[:, 1:]]))


def _objective(data: ComparisonData, quality: FloatArray, z: FloatArray, sd: FloatArray) -> FloatArray:
    eta, kappa = terms(data, quality, CENTER + sd * z)
    value = row_terms.log_likelihood(eta, kappa, data.outcome)
    return np.bincount(data.annotator, value, len(z)) - 0.5 * (z**2).sum(axis=1)


def _curvature(
    data: ComparisonData, quality: FloatArray, z: FloatArray, sd: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give the gradient and the expected information with the prior's, in units of the prior."""
    annotator = CENTER + sd * z
    eta, kappa = terms(data, quality, annotator)
    who, n = data.annotator, len(z)
    slope = np.exp(annotator[who, 0])
    by_eta, by_kappa = row_terms.scores(eta, kappa, data.outcome)
    direction = np.column_stack([slope * quality, data.covariates]) * sd[:-1]
    gradient = np.empty_like(z)
    for k in range(direction.shape[1]):
        gradient[:, k] = np.bincount(who, by_eta * direction[:, k], n)
    gradient[:, -1] = np.bincount(who, by_kappa * sd[-1], n)
    info = row_terms.information(eta, kappa)
    hessian = np.tile(np.eye(z.shape[1]), (n, 1, 1))
    for k in range(direction.shape[1]):
        for m in range(k, direction.shape[1]):
            hessian[:, k, m] += np.bincount(who, info[0] * direction[:, k] * direction[:, m], n)
            hessian[:, m, k] = hessian[:, k, m]
        hessian[:, k, -1] += np.bincount(who, info[1] * direction[:, k] * sd[-1], n)
        hessian[:, -1, k] = hessian[:, k, -1]
    hessian[:, -1, -1] += np.bincount(who, info[2] * sd[-1] ** 2, n)
    return gradient - z, hessian
