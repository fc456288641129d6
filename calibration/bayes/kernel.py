"""The comparison log-likelihood and its gradient in one pass over the rows, compiled by numba.

A category lies between two cuts l < u of the annotator's tie width, so
P = sigma(eta - l) sigma(u - eta) (1 - e^(l - u)): no difference of near-equal numbers. With the lapse rate e of answers
that are random over the menu, a row has (1 - e) P + e m, m the category's share. Rows come sorted by annotator and
category: an annotator's parameters stay in registers and the category is no branch inside the loop.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numba
import numpy as np

# the logarithm is taken of products of four
_BLOCK = 4
_FAST = {"contract", "arcp", "nsz"}


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True, cache=True)
def comparison_loglik(quality, annotator, cut, lapse, rows):
    """Return the log-likelihood and its gradients by quality, annotator, cut and lapse.

    ``annotator`` (A, parameters) holds discrimination, slopes and log tie width; ``cut`` (2 levels + 2) the cuts in
    units of the tie width, infinite at both ends; ``lapse`` (A,) each annotator's lapse rate. ``rows`` is a ``Rows``.
    """
    loglik, n_categories = 0.0, rows.lower.size
    d_quality, d_annotator = np.zeros_like(quality), np.zeros_like(annotator)
    d_cut, d_lapse = np.zeros_like(cut), np.zeros_like(lapse)
    widest = 0
    for j in range(annotator.shape[0]):
        for c in range(n_categories):
            widest = max(widest, rows.starts[j, c + 1] - rows.starts[j, c])
    eta, slack = np.empty(widest), np.empty(widest)
    last = annotator.shape[1] - 1
    for j in range(annotator.shape[0]):
        kappa, d_kappa = math.exp(annotator[j, last]), 0.0
        for c in range(n_categories):
            start, size = rows.starts[j, c], rows.starts[j, c + 1] - rows.starts[j, c]
            if size == 0:
                continue
            low, high = rows.lower[c], rows.upper[c]
            _predict(eta, start, size, annotator[j], quality, rows)
            value, d_low, d_high, d_rate = _category(
                size, kappa * cut[low], kappa * cut[high], lapse[j], rows.share[c], eta, slack
            )
            loglik += value
            d_lapse[j] += d_rate
            if low > 0:
                d_cut[low] += d_low * kappa
                d_kappa += d_low * cut[low]
            if high < cut.size - 1:
                d_cut[high] += d_high * kappa
                d_kappa += d_high * cut[high]
            _collect(start, size, slack, annotator[j], quality, rows, d_quality, d_annotator[j])
        d_annotator[j, last] = d_kappa * kappa
    return loglik, d_quality, d_annotator, d_cut, d_lapse


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _predict(eta, start, size, own, quality, rows):
    for n in range(size):
        eta[n] = own[0] * quality[rows.item[start + n]]
    for k in range(1, own.size - 1):
        if own[k] != 0.0:
            for n in range(size):
                eta[n] += own[k] * rows.covariates[k - 1, start + n]


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _collect(start, size, slack, own, quality, rows, d_quality, d_own):
    total = 0.0
    for n in range(size):
        item = rows.item[start + n]
        d_quality[item] += own[0] * slack[n]
        total += quality[item] * slack[n]
    d_own[0] += total
    for k in range(1, own.size - 1):
        total = 0.0
        for n in range(size):
            total += rows.covariates[k - 1, start + n] * slack[n]
        d_own[k] += total


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _category(size, low, high, lapse, share, eta, slack):
    """Return value and derivatives by both cuts and the lapse rate; write the derivatives by eta into slack."""
    has_low, has_high = low > -np.inf, high < np.inf
    gap, steep = 1.0, 0.0
    if has_low and has_high:
        gap = -math.expm1(low - high)
        steep = (1.0 - gap) / gap
    value, product, d_low, d_high, d_rate, own = 0.0, 1.0, 0.0, 0.0, 0.0, 1.0 - lapse
    for n in range(size):
        above = 1.0 / (1.0 + math.exp(low - eta[n])) if has_low else 1.0
        below = 1.0 / (1.0 + math.exp(eta[n] - high)) if has_high else 1.0
        p = above * below * gap
        mixed = own * p + lapse * share
        product *= mixed
        if n % _BLOCK == _BLOCK - 1:
            value += math.log(product)
            product = 1.0
        d_rate += (share - p) / mixed
        weight = own * p / mixed
        slack[n] = weight * (below - above)
        d_low -= weight * (1.0 - above + steep)
        d_high += weight * (1.0 - below + steep)
    return value + math.log(product), d_low, d_high, d_rate
