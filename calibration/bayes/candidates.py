"""Candidate accounts of what people would say to each item, from counting to the full model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from calibration.bayes import bradley_terry, left_out, summaries
from calibration.bayes.data import ComparisonData, FloatArray

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit

FOLDS = 5
# strongest first: where judgments cannot tell, as with one an item, smooth more
ITEM_PRIORS, PAIR_PRIORS = (32.0, 16.0, 8.0, 4.0, 2.0, 1.0), (32.0, 8.0, 2.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold one account: ``outcome`` (items, 3) and the log score of each judgment when it is left out."""

    name: str
    outcome: FloatArray
    log_score: FloatArray
    note: str


def of_fit(fit: Fit, *, seed: int = 0) -> list[Candidate]:
    """Give the three candidates: frequencies, Bradley-Terry, the hierarchical model's posterior."""
    data = fit.data
    scored = left_out.scores(fit)
    items = summaries.items(data, summaries.scaled(fit))
    posterior = items[["p_a", "p_tie", "p_b"]].to_numpy()
    unsafe = f"importance sampling by judgment, Pareto k > .7 in {scored.share_unsafe:.1%}"
    full = Candidate("hierarchical", posterior, scored.log_score, unsafe)
    return [frequencies(data), plain(data, seed=seed), full]


def counts(data: ComparisonData) -> FloatArray:
    """Count the outcomes of each item, an annotator's repeats together counting 1, shape (items, 3)."""
    table = np.zeros((len(data.items), 3))
    np.add.at(table, (data.item, data.outcome), _share(data))
    return table


def _share(data: ComparisonData) -> FloatArray:
    key = data.item.astype(np.int64) * len(data.annotators) + data.annotator
    _, row, repeats = np.unique(key, return_inverse=True, return_counts=True)
    return 1.0 / repeats[row]


def frequencies(data: ComparisonData) -> Candidate:
    """Smooth each item's counts towards its pair's, and those towards everybody's share of ties.

    The two amounts of smoothing are those under which judgments, each left out, are likeliest.
    """
    by_item, share = counts(data), _share(data)
    ends = data.item_system_a.astype(np.int64) * len(data.systems) + data.item_system_b
    pair = np.unique(ends, return_inverse=True)[1]
    by_pair = np.zeros((pair.max() + 1, 3))
    np.add.at(by_pair, pair, by_item)
    tie = (by_item[:, 1].sum() + 1.0) / (by_item.sum() + 3.0)
    base = np.array([(1 - tie) / 2, tie, (1 - tie) / 2])
    own = share[:, None] * np.eye(3)[data.outcome]

    def smoothed(item: FloatArray, paired: FloatArray, strength: tuple[float, float]) -> FloatArray:
        towards = (paired + strength[1] * base) / (paired.sum(axis=1, keepdims=True) + strength[1])
        return np.asarray((item + strength[0] * towards) / (item.sum(axis=1, keepdims=True) + strength[0]))

    rest = (np.maximum(by_item[data.item] - own, 0.0), np.maximum(by_pair[pair[data.item]] - own, 0.0))
    at = np.arange(data.n_judgments)
    scored = {prior: np.log(smoothed(*rest, prior)[at, data.outcome]) for prior in product(ITEM_PRIORS, PAIR_PRIORS)}
    best = max(scored, key=lambda prior: float(scored[prior].mean()))
    note = f"left out by subtraction; smoothing {best[0]:g} judgments to the pair, {best[1]:g} to all"
    return Candidate("frequencies", smoothed(by_item, by_pair[pair], best), scored[best], note)


def plain(data: ComparisonData, *, seed: int = 0) -> Candidate:
    """Fit Bradley-Terry with ties to all judgments; items of one pair are alike, annotators too."""
    a, b = data.item_system_a[data.item], data.item_system_b[data.item]
    share, n_systems = _share(data), len(data.systems)
    # folds hold all judgments of one annotator on an item together, so that a repeat never tells about itself
    key = np.unique(data.item.astype(np.int64) * len(data.annotators) + data.annotator, return_inverse=True)[1]
    fold = (np.random.default_rng(seed).permutation(key.max() + 1) % FOLDS)[key]
    everything = bradley_terry.fit(a, b, data.outcome, share, n_systems)
    log_score = np.zeros(data.n_judgments)
    for k in range(FOLDS):
        kept, held = fold != k, fold == k
        if held.any():
            found = bradley_terry.fit(a[kept], b[kept], data.outcome[kept], share[kept], n_systems, everything)
            log_score[held] = np.log(found.outcome(a[held], b[held])[np.arange(held.sum()), data.outcome[held]])
    outcome = everything.outcome(data.item_system_a, data.item_system_b)
    return Candidate("bradley_terry", outcome, log_score, f"{FOLDS} folds of judgments, refitted")
