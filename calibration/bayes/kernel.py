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

# e^60 to the power of 8 is still a double; beyond 60 the softplus is its argument to the last bit
_LARGE = 60.0
_BLOCK = 8
VERSION = 1


@numba.njit(fastmath={"contract", "arcp", "nsz", "reassoc"}, cache=False, error_model="numpy")
def _softplus_block(start, stop, upper, lower, item, covariates, quality, slope, discrimination, eta_out, slack):
    """Return the sum of log(1 + e^z), z = upper * eta + lower, for rows start..stop, and write sigma(z)."""
    total = 0.0
    product = 1.0
    for n in range(start, stop):
        eta = discrimination * quality[item[n]]
        for k in range(slope.size):
            eta += slope[k] * covariates[n, k]
        z = upper * eta + lower
        if z > _LARGE:
            total += z
            slack[n - start] = 1.0
        else:
            e = math.exp(z)
            product *= 1.0 + e
            slack[n - start] = e / (1.0 + e)
        if (n - start) % _BLOCK == _BLOCK - 1:
            total += math.log(product)
            product = 1.0
        eta_out[n - start] = eta
    return total + math.log(product)


@numba.njit(fastmath={"contract", "arcp", "nsz", "reassoc"}, cache=False, error_model="numpy")
def comparison_loglik(quality, discrimination, slopes, log_tie_width, starts, item, covariates):
    """Return the log-likelihood and its gradient by quality, discrimination, slopes and log tie width.

    ``starts`` (A, 4) bounds each annotator's rows: a from [0] to [1], ties to [2], b to [3].
    """
    n_annotators, n_slopes = slopes.shape
    loglik = 0.0
    d_quality = np.zeros_like(quality)
    d_discrimination = np.zeros_like(discrimination)
    d_slopes = np.zeros_like(slopes)
    d_log_tie_width = np.zeros_like(log_tie_width)
    widest = 0
    for j in range(n_annotators):
        widest = max(widest, starts[j, 3] - starts[j, 0])
    eta = np.empty(widest)
    up = np.empty(widest)
    down = np.empty(widest)
    for j in range(n_annotators):
        kappa = math.exp(log_tie_width[j])
        alpha = discrimination[j]
        slope = slopes[j]
        d_kappa = 0.0
        for outcome in range(3):
            start, stop = starts[j, outcome], starts[j, outcome + 1]
            size = stop - start
            if size == 0:
                continue
            if outcome == 0:
                loglik -= _softplus_block(
                    start, stop, -1.0, kappa, item, covariates, quality, slope, alpha, eta, up
                )
                down[:size] = 0.0
                for n in range(size):
                    d_kappa -= up[n]
            elif outcome == 2:
                loglik -= _softplus_block(start, stop, 1.0, kappa, item, covariates, quality, slope, alpha, eta, down)
                up[:size] = 0.0
                for n in range(size):
                    d_kappa -= down[n]
            else:
                loglik -= _softplus_block(
                    start, stop, -1.0, -kappa, item, covariates, quality, slope, alpha, eta, up
                )
                loglik -= _softplus_block(
                    start, stop, 1.0, -kappa, item, covariates, quality, slope, alpha, eta, down
                )
                gap = -math.expm1(-2.0 * kappa)
                loglik += size * math.log(gap)
                d_kappa += size * 2.0 * (1.0 - gap) / gap
                for n in range(size):
                    d_kappa += up[n] + down[n]
            for n in range(size):
                slack = up[n] - down[n]
                row = start + n
                d_quality[item[row]] += alpha * slack
                d_discrimination[j] += quality[item[row]] * slack
                for k in range(n_slopes):
                    d_slopes[j, k] += covariates[row, k] * slack
        d_log_tie_width[j] = d_kappa * kappa
    return loglik, d_quality, d_discrimination, d_slopes, d_log_tie_width
