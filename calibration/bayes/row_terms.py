"""One judgment under the ordered logit with a tie zone: its terms, chances, score and information."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from calibration.bayes.data import ComparisonData, FloatArray

Outcomes = npt.NDArray[np.integer]


def predictor(data: ComparisonData, quality: FloatArray, annotator: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give each row's linear predictor and half width of the tie zone.

    ``quality`` (rows,) is the difference that each row's annotator sees; ``annotator`` (annotators, parameters) has
    discrimination, slopes and log tie width.
    """
    own = annotator[data.annotator]
    return own[:, 0] * quality + (own[:, 1:-1] * data.covariates).sum(axis=1), np.exp(own[:, -1])


def probabilities(eta: FloatArray, kappa: FloatArray) -> FloatArray:
    """Give P(a), P(tie), P(b) as the last axis, without lapses."""
    p_a, p_b = expit(eta - kappa), expit(-eta - kappa)
    return np.stack([p_a, np.maximum(1.0 - p_a - p_b, 0.0), p_b], axis=-1)


def log_likelihood(eta: FloatArray, kappa: FloatArray, outcome: Outcomes) -> FloatArray:
    """Give log P(outcome) of each row; P(tie) = sigma(kappa - eta) sigma(kappa + eta) (1 - exp(-2 kappa))."""
    up, down = np.logaddexp(0.0, kappa - eta), np.logaddexp(0.0, kappa + eta)
    tie = np.log(-np.expm1(-2 * kappa)) - np.logaddexp(0.0, eta - kappa) - np.logaddexp(0.0, -eta - kappa)
    return np.choose(outcome, [-up, tie, -down])


def scores(eta: FloatArray, kappa: FloatArray, outcome: Outcomes) -> tuple[FloatArray, FloatArray]:
    """Give the derivatives of the log-likelihood by eta and by log kappa."""
    up, down = expit(kappa - eta), expit(kappa + eta)
    by_eta = np.choose(outcome, [up, up - down, -down])
    by_kappa = np.choose(outcome, [-up, (1 - up) + (1 - down) + 2 / np.expm1(2 * kappa), -down])
    return by_eta, by_kappa * kappa


def information(eta: FloatArray, kappa: FloatArray) -> FloatArray:
    """Give the expected information on (eta, eta), (eta, log kappa), (log kappa, log kappa): shape (3, rows)."""
    p_a, p_b = expit(eta - kappa), expit(-eta - kappa)
    p_tie = np.maximum(1.0 - p_a - p_b, 1e-12)
    parts = [scores(eta, kappa, np.full(eta.shape, k)) for k in range(3)]
    weight = (p_a, p_tie, p_b)
    products = [(s * s, s * t, t * t) for s, t in parts]
    return np.asarray([sum(w * p[k] for w, p in zip(weight, products, strict=True)) for k in range(3)])
