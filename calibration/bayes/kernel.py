"""The comparison log-likelihood and its gradient, compiled by numba.

A category lies between two cuts l < u of the annotator's tie width, so
P = sigma(eta - l) sigma(u - eta) (1 - e^(l - u)): no difference of near-equal numbers. With the lapse rate e of answers
that are random over the menu, a row has (1 - e) P + e m, m the category's share. Rows come sorted by annotator and
category: an annotator's parameters stay in registers and the category is no branch inside a loop. A row costs one
exponential, e^(l - eta) or, where there is no l, e^(eta - u); all are computed together, several at a time in the
processor's vectors. One file, because numba looks for changes in the file of a cached function alone.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numba
import numpy as np

# the logarithm is taken of a product of probabilities once it is this small
_TINY = 1e-100
_FAST = {"contract", "arcp", "nsz"}
# a number beyond it counts as it; products of a few such exponentials are still numbers
FAR = 160.0
_LOG2_E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10
# added to a number below 2^51 it leaves the nearest integer in the lowest bits
_ROUND = 1.5 * 2.0**52


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True, cache=True)
def comparison_loglik(quality, annotator, cut, lapse, rows):
    """Return the log-likelihood and its gradients by quality, annotator, cut and lapse.

    ``annotator`` (A, parameters) holds discrimination, slopes and log tie width; ``cut`` (2 levels + 2) the cuts in
    units of the tie width, infinite at both ends; ``lapse`` (A,) each annotator's lapse rate. ``rows`` is a ``Rows``.
    """
    loglik, product, last = 0.0, 1.0, annotator.shape[1] - 1
    d_quality, d_annotator = np.zeros_like(quality), np.zeros_like(annotator)
    d_cut, d_lapse = np.zeros_like(cut), np.zeros_like(lapse)
    odds = exponentials(_distances(quality, annotator, cut, rows))
    slack, below = np.empty_like(odds), np.empty_like(odds)
    for j in range(annotator.shape[0]):
        kappa, d_kappa = math.exp(annotator[j, last]), 0.0
        for c in range(rows.lower.size):
            start, end = rows.starts[j, c], rows.starts[j, c + 1]
            if start == end:
                continue
            low, high = rows.lower[c], rows.upper[c]
            has_low, has_high = low > 0, high < cut.size - 1
            gap = -math.expm1(kappa * (cut[low] - cut[high])) if has_low and has_high else 1.0
            _answer(has_low, has_high, gap, odds[start:end], slack[start:end], below[start:end])
            weight = float(end - start)
            if lapse[j] > 0.0:
                weight, d_lapse[j] = _lapsed(
                    lapse[j], rows.share[c], odds[start:end], slack[start:end], below[start:end], d_lapse[j]
                )
            total, value, product = _collect(
                start,
                product,
                odds[start:end],
                slack[start:end],
                annotator[j, 0],
                quality,
                rows,
                d_quality,
                d_annotator[j],
            )
            loglik += value
            if has_low and has_high:
                d_low, d_high = _at_cuts(total, weight * (1.0 - gap) / gap, below[start:end])
            else:
                d_low, d_high = -total if has_low else 0.0, -total if has_high else 0.0
            if has_low:
                d_cut[low] += d_low * kappa
                d_kappa += d_low * cut[low]
            if has_high:
                d_cut[high] += d_high * kappa
                d_kappa += d_high * cut[high]
        d_annotator[j, last] = d_kappa * kappa
    return loglik + math.log(product), d_quality, d_annotator, d_cut, d_lapse


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _distances(quality, annotator, cut, rows):
    """Return how far each row's response lies beneath its lower cut, or above its upper one where it has no lower."""
    distance, last = np.empty(rows.item.size), annotator.shape[1] - 1
    for j in range(annotator.shape[0]):
        own, kappa = annotator[j, 0], math.exp(annotator[j, last])
        for c in range(rows.lower.size):
            has_low = rows.lower[c] > 0
            sign, edge = (-1.0, kappa * cut[rows.lower[c]]) if has_low else (1.0, -kappa * cut[rows.upper[c]])
            start = rows.starts[j, c]
            answers = distance[start : rows.starts[j, c + 1]]
            for n in range(answers.size):
                answers[n] = sign * own * quality[rows.item[start + n]] + edge
            for k in range(1, last):
                if annotator[j, k] != 0.0:
                    for n in range(answers.size):
                        answers[n] += sign * annotator[j, k] * rows.covariates[k - 1, start + n]
    return distance


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _answer(has_low, has_high, gap, odds, slack, below):
    """Turn odds into probabilities; write what is missing beneath (1 - sigma(eta - l)) and the slopes by eta."""
    if has_low and has_high:
        for n in range(slack.size):
            above = 1.0 / (1.0 + odds[n])
            under = odds[n] / (odds[n] + (1.0 - gap))
            below[n] = odds[n] * above
            slack[n] = under - above
            odds[n] = above * under * gap
    elif has_low or has_high:
        sign = 1.0 if has_low else -1.0
        for n in range(slack.size):
            p = 1.0 / (1.0 + odds[n])
            slack[n] = sign * odds[n] * p
            odds[n] = p
    else:
        slack[:], odds[:] = 0.0, 1.0


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _lapsed(lapse, share, p, slack, below, d_rate):
    """Mix random answers in; return the summed weights of the others and the derivative by the rate."""
    total = 0.0
    for n in range(slack.size):
        mixed = (1.0 - lapse) * p[n] + lapse * share
        d_rate += (share - p[n]) / mixed
        weight = (1.0 - lapse) * p[n] / mixed
        slack[n] *= weight
        below[n] *= weight
        p[n] = mixed
        total += weight
    return total, d_rate


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _collect(start, product, p, slack, own, quality, rows, d_quality, d_own):
    """Add derivatives by quality and slopes; return the one by a shift of eta, the value, and factors not in it."""
    by_quality, by_eta, value = 0.0, 0.0, 0.0
    for n in range(p.size):
        item = rows.item[start + n]
        d_quality[item] += own * slack[n]
        by_quality += quality[item] * slack[n]
        by_eta += slack[n]
        product *= p[n]
        if product < _TINY:
            value += math.log(product)
            product = 1.0
    d_own[0] += by_quality
    for k in range(1, d_own.size - 1):
        total = 0.0
        for n in range(p.size):
            total += rows.covariates[k - 1, start + n] * slack[n]
        d_own[k] += total
    return by_eta, value, product


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _at_cuts(by_eta, steep, below):
    """Return the derivatives by both cuts of a category between two."""
    missing = 0.0
    for n in range(below.size):
        missing += below[n]
    return -missing - steep, missing - by_eta + steep


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def exponentials(x):
    """Return e^x of an array to two units in the last place, x clipped to -FAR .. FAR.

    e^x = 2^k e^r with k the integer nearest to x / ln 2: e^r is a polynomial, k is added to the bits of its exponent.
    """
    power, value = np.empty_like(x), np.empty_like(x)
    for n in range(x.size):
        power[n] = min(max(x[n], -FAR), FAR) * _LOG2_E + _ROUND
    for n in range(x.size):
        k = power[n] - _ROUND
        value[n] = _near_zero((min(max(x[n], -FAR), FAR) - k * _LN2_HIGH) - k * _LN2_LOW)
    bits, shift = value.view(np.int64), power.view(np.int64)
    for n in range(x.size):
        bits[n] += shift[n] << 52
    return value


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _near_zero(r):
    """Return e^r for abs(r) up to ln 2 / 2: the series to r^12 leaves less than half a unit in the last place."""
    high = 1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r / 479001600)))
    low = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * high)))
    return 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * low)))
