"""Posterior predictive check: judgments drawn from the model, beside those that were made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from calibration.bayes.labeling.chain import Chain, Model
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.meter import Meter
from calibration.bayes.labeling.replicas import replicate
from calibration.bayes.labeling.sampling import USUAL, Length


@dataclass(frozen=True, slots=True)
class Statistic:
    """Hold one statistic: observed, mean of the replicates, posterior predictive p, and the number of replicates."""

    name: str
    observed: float
    replicated: float
    p: float
    n_replicates: int


def check(data: LabelData, model: Model, *, seed: int, meter: Meter, length: Length = USUAL) -> list[Statistic]:
    r"""Compare judgments with replicates of a full model (H or SH), new items and all.

    ``agreement_sd``: the sd over items of within-item agreement :math:`\sum_k n_k(n_k-1) / (n(n-1))`, and
    ``unanimous``: the share of items with one label, both with a two-sided p. Of two labels also ``votes``: the
    histogram of votes for the second label on an item, by chi-square against the replicates' mean, one-sided. A p
    below .01 says that the model cannot have made these judgments; near 1 says only that it follows the counts.

    Raises
    ------
    ValueError
        For a coin model.

    References
    ----------
    Gelman, Meng and Stern 1996, Statistica Sinica 6:733-807.
    """
    if not model.full:
        raise ValueError(f"The predictive check is for the full models H and SH, not {model.key}.")
    chain = Chain(data, model, np.random.default_rng(seed))
    every, seen = max(1, (length.sweeps - length.burn_in) // 200), []
    for sweep in range(length.sweeps):
        chain.sweep(recording=sweep >= length.burn_in)
        if sweep >= length.burn_in and sweep % every == 0:
            seen.append(_votes(_replicate(chain)))
        meter.add(f"checking {model.key}", data.n_judgments)
    return _compared(_votes(data), seen)


def _replicate(chain: Chain) -> LabelData:
    data, label = chain.data, np.empty_like(chain.data.label)
    share = chain.prevalence().copy()
    rows = (chain.rng, data.item_start, data.annotator, chain.weight, share, chain.spread, chain.model.soft)
    replicate(*rows, label)
    return replace(data, label=label)


def _votes(data: LabelData) -> FloatArray:
    votes = data.votes()
    return votes[votes.sum(axis=1) >= 2]


def _compared(observed: FloatArray, replicates: list[FloatArray]) -> list[Statistic]:
    found = []
    for name, statistic in (("agreement_sd", _agreement_sd), ("unanimous", _unanimous)):
        here, there = statistic(observed), np.array([statistic(one) for one in replicates])
        p = min(1.0, 2 * min(float((there >= here).mean()), float((there <= here).mean())))
        found.append(Statistic(name, here, float(there.mean()), p, len(there)))
    return [*found, _vote_counts(observed, replicates)] if observed.shape[1] == 2 else found


def _agreement_sd(votes: FloatArray) -> float:
    n = votes.sum(axis=1)
    return float(((votes * (votes - 1)).sum(axis=1) / (n * (n - 1))).std())


def _unanimous(votes: FloatArray) -> float:
    return float((votes.max(axis=1) == votes.sum(axis=1)).mean())


def _vote_counts(observed: FloatArray, replicates: list[FloatArray]) -> Statistic:
    most = int(observed.sum(axis=1).max())

    def counted(votes: FloatArray) -> npt.NDArray[np.intp]:
        return np.bincount(votes[:, 1].astype(int), minlength=most + 1)

    there = np.stack([counted(one) for one in replicates])
    expected = np.maximum(there.mean(axis=0), 0.5)
    far = ((there - expected) ** 2 / expected).sum(axis=1)
    here = float(((counted(observed) - expected) ** 2 / expected).sum())
    return Statistic("votes", here, float(far.mean()), float((far >= here).mean()), len(far))
