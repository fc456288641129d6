"""The comparison log-likelihood and its gradient in one pass over the rows, compiled by numba.

P(tie) = sigma(kappa - eta) sigma(kappa + eta) (1 - exp(-2 kappa)), so the log-likelihood is a sum of
log-sigmoids: no difference of near-equal numbers. Rows come sorted by annotator and outcome, so an annotator's
parameters stay in registers and the outcome is no branch inside the loop.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numba
import numpy as np

# compiled graphs kept on disk carry this number: raise it with every change below
VERSION = 3

A, TIE, B = 0, 1, 2
# eight factors of 1 + e^60 still fit a double; beyond 60 the softplus equals its argument
_LARGE = 60.0
_BLOCK = 8
_FAST = {"contract", "arcp", "nsz", "reassoc"}


@numba.njit(fastmath=_FAST, error_model="numpy")
def comparison_loglik(quality, annotator, starts, item, covariates):
    """Return the log-likelihood and its gradient by quality and annotator.

    ``annotator`` (A, 2 + covariates) holds discrimination, slopes and log tie width. ``starts`` (A, 4) bounds each
    annotator's rows: a from [0] to [1], ties to [2], b to [3].
    """
    loglik = 0.0
    d_quality, d_annotator = np.zeros_like(quality), np.zeros_like(annotator)
    widest = 0
    for j in range(annotator.shape[0]):
        widest = max(widest, starts[j, 3] - starts[j, 0])
    eta, up, down = np.empty(widest), np.empty(widest), np.empty(widest)
    last = annotator.shape[1] - 1
    for j in range(annotator.shape[0]):
        own, d_own = annotator[j], d_annotator[j]
        kappa = math.exp(own[last])
        for outcome in range(3):
            start, size = starts[j, outcome], starts[j, outcome + 1] - starts[j, outcome]
            if size == 0:
                continue
            _predict(eta, start, size, own, quality, item, covariates)
            value, d_kappa = _outcome(outcome, size, kappa, eta, up, down)
            loglik += value
            d_own[last] += d_kappa * kappa
            for n in range(size):
                slack, row = up[n] - down[n], start + n
                d_quality[item[row]] += own[0] * slack
                d_own[0] += quality[item[row]] * slack
                for k in range(1, last):
                    d_own[k] += covariates[row, k - 1] * slack
    return loglik, d_quality, d_annotator


@numba.njit(fastmath=_FAST, error_model="numpy")
def _predict(eta, start, size, own, quality, item, covariates):
    for n in range(size):
        eta[n] = own[0] * quality[item[start + n]]
        for k in range(1, own.size - 1):
            eta[n] += own[k] * covariates[start + n, k - 1]


@numba.njit(fastmath=_FAST, error_model="numpy")
def _outcome(outcome, size, kappa, eta, up, down):
    """Return value and derivative by kappa of rows with one outcome; eta's derivative is up - down."""
    value, d_kappa, sign = 0.0, 0.0, -1.0
    up[:size] = 0.0
    down[:size] = 0.0
    if outcome == TIE:
        gap = -math.expm1(-2.0 * kappa)
        value += size * math.log(gap)
        d_kappa += size * 2.0 * (1.0 - gap) / gap
        sign = 1.0
    if outcome != B:
        value -= _softplus(-1.0, -sign * kappa, size, eta, up)
    if outcome != A:
        value -= _softplus(1.0, -sign * kappa, size, eta, down)
    for n in range(size):
        d_kappa += sign * (up[n] + down[n])
    return value, d_kappa


@numba.njit(fastmath=_FAST, error_model="numpy")
def _softplus(slope, shift, size, eta, sigmoid):
    """Return the sum of log(1 + e^z), z = slope eta + shift, and write the sigmoid of each z."""
    total, product = 0.0, 1.0
    for n in range(size):
        z = slope * eta[n] + shift
        if z > _LARGE:
            total += z
            sigmoid[n] = 1.0
        else:
            e = math.exp(z)
            product *= 1.0 + e
            sigmoid[n] = e / (1.0 + e)
        if n % _BLOCK == _BLOCK - 1:
            total += math.log(product)
            product = 1.0
    return total + math.log(product)
