"""How well chains mixed, of thousands of parameters at a time: rank-normalized split R-hat, bulk and tail ESS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

from calibration.bayes.data import FloatArray

TAILS = (0.05, 0.95)
# parameters worked on at once, so that arrays stay in the processor's caches
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Mixing:
    """One figure a parameter, each shape (parameters,); not a number where a draw is none."""

    rhat: FloatArray
    ess_bulk: FloatArray
    ess_tail: FloatArray


def mixing(draws: FloatArray, *, cores: int = 1) -> Mixing:
    """Return rank-normalized split R-hat, bulk ESS and the smaller ESS of the 5% and 95% quantiles.

    Parameters
    ----------
    draws
        Shape (chains, draws, parameters), at least two chains of four draws; an odd last draw of a chain is left out
        of R-hat and ESS, as in a split in halves.
    cores
        Threads that share the parameters.

    References
    ----------
    Vehtari et al. 2021, doi:10.1214/20-BA1221; Geyer 1992, doi:10.1214/ss/1177011137.
    """
    blocks = [draws[:, :, k : k + _BLOCK] for k in range(0, draws.shape[2], _BLOCK)]
    with ThreadPoolExecutor(cores) as threads:
        found = list(threads.map(_of_block, blocks))
    rhat, bulk, tail = (np.concatenate([one[k] for one in found] or [np.empty(0)]) for k in range(3))
    return Mixing(rhat, bulk, tail)


def _of_block(draws: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    x = np.array(draws.transpose(2, 0, 1), order="C")
    known = np.isfinite(x).all(axis=(1, 2))
    x[~known] = 0.0
    half = x.shape[2] // 2
    split = np.concatenate([x[:, :, :half], x[:, :, -half:]], axis=1)
    normal = _normal_scores(split)
    median = np.median(split.reshape(len(x), -1), axis=1)[:, None, None]
    rhat = np.maximum(_rhat(normal), _rhat(_normal_scores(np.abs(split - median))))
    quantiles = np.quantile(x.reshape(len(x), -1), TAILS, axis=1)[:, :, None, None]
    tail = np.minimum(*(_ess((split <= quantile).astype(float)) for quantile in quantiles))
    rhat, bulk, tail = (np.where(known, value, np.nan) for value in (rhat, _ess(normal), tail))
    return rhat, bulk, tail


def _normal_scores(x: FloatArray) -> FloatArray:
    """Replace draws by the normal quantiles of their ranks over all chains."""
    flat = x.reshape(len(x), -1)
    n = flat.shape[1]
    scores = ndtri((np.arange(2, 2 * n + 1) / 2 - 0.375) / (n + 0.25))
    twice = (2 * rankdata(flat, axis=1)).astype(np.intp)
    return np.asarray(scores[twice - 2].reshape(x.shape))


def _rhat(x: FloatArray) -> FloatArray:
    n = x.shape[2]
    between = n * x.mean(axis=2).var(axis=1, ddof=1)
    within = x.var(axis=2, ddof=1).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((between / within + n - 1) / n))


def _ess(x: FloatArray) -> FloatArray:
    """Sum autocorrelations over Geyer's initial monotone sequence of pairs; shape (parameters, chains, draws)."""
    chains, n = x.shape[1:]
    centered = x - x.mean(axis=2, keepdims=True)
    spectrum = rfft(centered, n=next_fast_len(2 * n, real=True), axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    covariance = irfft(power, n=next_fast_len(2 * n, real=True), axis=1)[:, :n] / n
    within = covariance[:, :1] * n / (n - 1)
    total = covariance[:, :1] + x.mean(axis=2).var(axis=1, ddof=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1.0 - (within - covariance) / total
    rho[:, 0] = 1.0
    pairs = rho[:, : 2 * ((n - 2) // 2)].reshape(len(x), -1, 2)
    sums = pairs.sum(axis=2)
    ended = np.logical_or.accumulate(sums <= 0.0, axis=1)
    first_out = np.where(ended.any(axis=1), ended.argmax(axis=1), sums.shape[1] - 1)
    monotone = np.minimum.accumulate(sums, axis=1)
    kept = np.arange(sums.shape[1]) < first_out[:, None]
    # the first pair that is left out still tells its even lag, where that is positive
    last = np.maximum(pairs[np.arange(len(x)), first_out, 0], 0.0)
    tau = -1.0 + 2.0 * np.where(kept, monotone, 0.0).sum(axis=1) + last
    size = chains * n
    ess = size / np.maximum(tau, 1.0 / np.log10(size))
    return np.where(np.ptp(x, axis=(1, 2)) < np.finfo(float).resolution, float(size), ess)
