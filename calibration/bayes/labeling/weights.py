"""Weigh the models by what they predict, without gold, and pool their class probabilities above a floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.folds import Scores

FLOOR = 0.2
COIN_LEAST, COIN_RANGE = 0.05, 0.75


@dataclass(frozen=True, slots=True)
class Weighting:
    """Hold each model's weight and score difference D (nats a judgment), the soft gate t and P(coin)."""

    weight: dict[str, float]
    difference: dict[str, float]
    gate: float | None
    p_coin: float
    judgments_per_item: float


def weigh(scores: Scores) -> Weighting:
    r"""Weigh the models.

    :math:`w_m \propto prior_m \exp(L D_m)`, with D the mean log score of held-out judgments relative to the best
    model and L judgments an item: nats an item, so that weights do not harden with more items. The prior gives the
    coin models :math:`P = .05 + .75 \Phi(t)`, where t tells how surely soft items predict better than clean ones
    under full confusion: items that differ within a class make a shared asymmetry suspect. Without full models (too
    many labels) t is None and P is 1.
    """
    n_judged = int((scores.data.item_size > 0).sum())
    per_item = scores.data.n_judgments / n_judged
    mean = scores.log_predictive.mean(axis=1)
    difference = dict(zip(scores.keys, (mean - mean.max()).tolist(), strict=True))
    gate = _gate(scores) if "SH" in scores.keys else None
    p_coin = 1.0 if gate is None else COIN_LEAST + COIN_RANGE * float(ndtr(gate))
    prior = {key: (1.0 - p_coin if "H" in key else p_coin) / 2 for key in scores.keys}
    raw = {key: prior[key] * np.exp(per_item * difference[key]) for key in scores.keys}
    total = sum(raw.values())
    return Weighting({key: float(w / total) for key, w in raw.items()}, difference, gate, p_coin, per_item)


def _gate(scores: Scores) -> float:
    row = {key: position for position, key in enumerate(scores.keys)}
    gain = scores.log_predictive[row["SH"]] - scores.log_predictive[row["H"]]
    judged = scores.data.item_size > 0
    by_item = np.bincount(scores.data.item(), weights=gain, minlength=len(judged))[judged]
    scale = np.sqrt(by_item.size * by_item.var())
    return float(by_item.sum() / scale) if scale > 0 else 0.0


def smoothed_majority(data: LabelData) -> FloatArray:
    """Give (n_ik + 1/2) / (n_i + K/2), shape (items, labels)."""
    votes = data.votes()
    return np.asarray((votes + 0.5) / (votes.sum(axis=1, keepdims=True) + votes.shape[1] / 2))


def pooled(weighting: Weighting, q: Mapping[str, FloatArray]) -> FloatArray:
    """Average the models' class probabilities by weight, before any floor."""
    return np.asarray(sum(weighting.weight[key] * q[key] for key in q))


def floored(pool: FloatArray, majority: FloatArray, floor: float = FLOOR) -> FloatArray:
    """Mix the pool with the smoothed majority: what all annotators get wrong together no model can see."""
    return (1.0 - floor) * pool + floor * majority
