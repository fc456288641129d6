"""Pool candidate accounts of each item by how well they predict, and never wholly trust any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from calibration.bayes import candidates
from calibration.bayes.candidates import Candidate
from calibration.bayes.columns import OUTCOMES, UnusableFrame
from calibration.bayes.data import ComparisonData, FloatArray

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit

FLOOR, SMOOTHING = 0.2, 0.5
LEAST_GOLD, PRIOR_ITEMS = 20, 20.0
POWERS, FLOORS = (1.3, 1.0, 0.8, 0.6, 0.45, 0.3), (0.05, 0.2, 0.5, 0.8)
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Consensus:
    """Hold the pooled outcome of each item and what it was pooled from.

    ``items``: item, system_a, system_b, n (judgments), n_annotators, p_a, p_tie, p_b and label (a, tie, b; null where
    the two likeliest are equal), plus each candidate's three probabilities as <candidate>_p_a and so on.
    ``weights``: candidate, log_score (nats a judgment, left out), behind (nats behind the best), prior_weight, weight
    and note. The outcome of an item is ``power``-sharpened and mixed with ``floor`` of its own smoothed counts.
    """

    items: pd.DataFrame
    weights: pd.DataFrame
    floor: float
    floor_reason: str
    power: float
    judgments_per_item: float
    n_gold: int
    seed: int


def consensus(fit: Fit, *, gold: pd.DataFrame | None = None, seed: int = 0) -> Consensus:
    """Pool frequencies, Bradley-Terry and the hierarchical posterior into one distribution per item.

    Candidate m has weight proportional to exp(L D_m): D_m its mean left-out log score behind the best, L the
    judgments per item. Nats per item on purpose, so that weights do not harden as data grow: what predicts judgments
    best is not always nearest to what people think. The pool is mixed with a floor, .2 of the item's own smoothed
    counts. With at least 20 gold items the weights move towards those that predict gold best (worth 20 items of
    prior), and floor and sharpness are fitted to gold.

    Parameters
    ----------
    fit
        A comparison fit.
    gold
        item, system_a, system_b, outcome of items with a known outcome, either side first. Items that nobody judged
        do not count.

    Returns
    -------
    Consensus
        The probabilities of each item sum to 1.

    Raises
    ------
    UnusableFrame
        When gold lacks a column, or holds an unknown outcome.

    References
    ----------
    Yao et al. 2018, doi:10.1214/17-BA1091.
    """
    data = fit.data
    item, outcome = _gold(data, gold)
    found = candidates.of_fit(fit, seed=seed)
    per_item = data.n_judgments / len(np.unique(data.item))
    start = soft_weights([one.log_score.mean() for one in found], per_item)
    counted = candidates.counts(data)
    smoothed = (counted + SMOOTHING) / (counted.sum(axis=1, keepdims=True) + 3 * SMOOTHING)
    weight, power, floor = start, 1.0, FLOOR
    reason = f"assumed: fewer than {LEAST_GOLD} gold items"
    stacked = np.array([one.outcome for one in found])
    if item.size >= LEAST_GOLD:
        weight = _moved(start, stacked[:, item, outcome])
        power, floor = _calibrated(np.tensordot(weight, stacked, 1)[item], smoothed[item], outcome)
        reason = f"calibrated on {item.size} gold items"
    pooled = _sharpened(np.tensordot(weight, stacked, 1), smoothed, power, floor)
    table = _weights(found, start, weight)
    items = _items(data, counted, pooled, found)
    return Consensus(items, table, floor, reason, power, per_item, int(item.size), seed)


def soft_weights(log_scores: Sequence[float], judgments_per_item: float) -> FloatArray:
    """Give weights proportional to exp(nats per item behind the best)."""
    behind = np.asarray(log_scores) - np.max(log_scores)
    weight = np.exp(judgments_per_item * behind)
    return np.asarray(weight / weight.sum())


def _moved(start: FloatArray, chance: FloatArray) -> FloatArray:
    """Stack on gold: maximize the log score of the mixture plus 20 items' worth of the weights it starts from."""
    weight = start
    for _ in range(ROUNDS):
        share = weight[:, None] * chance
        weight = (share / share.sum(axis=0)).sum(axis=1) + PRIOR_ITEMS * start
        weight = weight / weight.sum()
    return weight


def _sharpened(pool: FloatArray, smoothed: FloatArray, power: float, floor: float) -> FloatArray:
    mixed = ((1 - floor) * pool + floor * smoothed) ** power
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


def _calibrated(pool: FloatArray, smoothed: FloatArray, outcome: np.ndarray) -> tuple[float, float]:
    """Choose sharpness and floor by the log loss on gold, drawn to 1 and .2."""

    def loss(power: float, floor: float) -> float:
        chance = _sharpened(pool, smoothed, power, floor)[np.arange(outcome.size), outcome]
        far = np.log(floor / (1 - floor)) - np.log(FLOOR / (1 - FLOOR))
        return float(-np.log(chance).sum() + np.log(power) ** 2 / 0.25 + far**2 / 1.44)

    return min(product(POWERS, FLOORS), key=lambda pair: loss(*pair))


def _gold(data: ComparisonData, gold: pd.DataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Find the items and outcomes of gold among the judged items, in the data's orientation."""
    if gold is None:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    needed = ["item", "system_a", "system_b", "outcome"]
    if missing := [name for name in needed if name not in gold.columns]:
        raise UnusableFrame(f"The gold lacks the columns {', '.join(missing)}; it needs {', '.join(needed)}.")
    if not gold["outcome"].isin(list(OUTCOMES)).all():
        raise UnusableFrame(f"Column outcome of the gold holds an unknown value; use one of {', '.join(OUTCOMES)}.")
    ends = zip(data.items, data.item_system_a, data.item_system_b, strict=True)
    place = {(name, data.systems[a], data.systems[b]): k for k, (name, a, b) in enumerate(ends)}
    found = {}
    for name, a, b, outcome in gold[needed].astype(str).itertuples(index=False):
        first, second = sorted((a, b))
        code = OUTCOMES[outcome]
        if (name, first, second) in place:
            found[place[name, first, second]] = code if a == first else 2 - code
    return np.array(list(found), dtype=int), np.array(list(found.values()), dtype=int)


def _weights(found: list[Candidate], start: FloatArray, weight: FloatArray) -> pd.DataFrame:
    score = np.array([one.log_score.mean() for one in found])
    return pd.DataFrame(
        {
            "candidate": [one.name for one in found],
            "log_score": score,
            "behind": score - score.max(),
            "prior_weight": start,
            "weight": weight,
            "note": [one.note for one in found],
        }
    )


def _items(data: ComparisonData, counted: FloatArray, pooled: FloatArray, found: list[Candidate]) -> pd.DataFrame:
    systems = np.array(data.systems, dtype=object)
    names = ("p_a", "p_tie", "p_b")
    ranked = np.sort(pooled, axis=1)
    label = np.array(["a", "tie", "b"], dtype=object)[pooled.argmax(axis=1)]
    label[ranked[:, -1] - ranked[:, -2] < 1e-9] = None
    table = pd.DataFrame(
        {"item": data.items, "system_a": systems[data.item_system_a], "system_b": systems[data.item_system_b]}
        | {
            "n": np.bincount(data.item, minlength=len(data.items)),
            "n_annotators": counted.sum(axis=1).round().astype(int),
        }
        | {name: pooled[:, k] for k, name in enumerate(names)}
        | {"label": pd.Series(label, dtype=object)}
    )
    own = {f"{one.name}_{name}": one.outcome[:, k] for one in found for k, name in enumerate(names)}
    return table.assign(**own)
