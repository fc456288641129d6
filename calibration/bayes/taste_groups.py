"""Find groups of annotators who see the same things differently, and say whether they are beyond noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, eigsh
from scipy.special import softmax

from calibration.bayes import evidence, row_terms, tastes
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.tastes import Labels, TasteFit

MOST_GROUPS, LEAST_MEMBERS, LEAST_SHARE = 3, 3, 0.05
MOVES, DEALS, CLEARLY_NOT, DENSE = 8, 199, 8, 400
BEYOND_NOISE, BEYOND_CHANCE = 2.0, 0.02


@dataclass(frozen=True, slots=True)
class Gain:
    """Say what one group more was worth.

    ``p_value``: chance that annotators' residuals go together as they do if ``groups`` - 1 groups explain them.
    ``gain``: mean over annotators of the log score gained on their judgments, each given the others on its item, in
    nats an annotator; ``se`` its standard error over annotators; both None when p was not below .02, or no split
    left groups large enough. ``accepted``: p < .02 and gain > 2 se.
    """

    groups: int
    gain: float | None
    se: float | None
    n_annotators: int
    p_value: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class TasteGroups:
    """Hold the groups; one group means that one shared truth explains the judgments as well.

    ``label`` and ``probability`` (annotators, groups) are in the order of the data's annotators, group 0 the largest;
    ``fit`` is the point fit with these groups, ``shared`` the one without, ``gains`` what each step up gained.
    """

    label: Labels
    probability: FloatArray
    fit: TasteFit
    shared: TasteFit
    gains: tuple[Gain, ...]
    seed: int

    @property
    def n_groups(self) -> int:
        """Count the groups."""
        return self.probability.shape[1]

    def table(self, data: ComparisonData) -> pd.DataFrame:
        """Give one row per annotator: annotator, group, and the probability of being in it given its judgments."""
        probability = self.probability[np.arange(self.label.size), self.label]
        return pd.DataFrame({"annotator": data.annotators, "group": self.label, "probability": probability})


def find(data: ComparisonData, *, seed: int = 0, most_groups: int = MOST_GROUPS) -> TasteGroups:
    """Split annotators into taste groups as long as held-out judgments are predicted better beyond noise.

    Each group has its own strengths and its own view of each item, drawn towards what all share. A split starts
    from the leading eigenvector of how annotators' residuals go together, over systems and over items, and
    annotators then move to the group under which their judgments are likelier, their own answers left out of it. One
    group more is accepted when that eigenvalue is beyond what residuals dealt at random give (p < .02) and the log
    score of judgments, each left out in turn, improves by more than two standard errors over annotators. Nobody's
    sign is turned: an annotator who disagrees with everybody is noise in this model, several who disagree alike are
    a group.

    What keeps noise from becoming a group is p: labels are chosen on the judgments that the gain is measured on, so the
    gain says how much a group matters and not whether there is one.

    Parameters
    ----------
    data
        The judgments of one criterion.
    seed
        Fixes the folds.
    most_groups
        Where to stop.

    Returns
    -------
    TasteGroups
        A group has at least three members and 5% of the annotators. Every annotator has a group; its probability
        says how sure that is.

    References
    ----------
    Vehtari, Gelman and Gabry 2017, doi:10.1007/s11222-016-9696-4 (differences in held-out score and their error).
    """
    shared = tastes.fit(data, np.zeros(len(data.annotators), dtype=int))
    best, gains = shared, []
    while best.n_groups < most_groups:
        p_value, directions = _coherence(data, best, seed)
        candidate = _more(data, best, directions) if p_value < BEYOND_CHANCE else None
        if candidate is None:
            gains.append(Gain(best.n_groups + 1, None, None, len(data.annotators), p_value, False))
            break
        gains.append(_gain(data, candidate, best, p_value))
        if not gains[-1].accepted:
            break
        best = candidate
    return _named(data, best, shared, tuple(gains), seed)


def _named(data: ComparisonData, best: TasteFit, shared: TasteFit, gains: tuple[Gain, ...], seed: int) -> TasteGroups:
    """Give the largest group the number 0, and each membership its probability."""
    size = np.bincount(best.label, minlength=best.n_groups)
    number = np.argsort(np.argsort(-size, kind="stable"), kind="stable")
    if not np.array_equal(number, np.arange(best.n_groups)):
        best = tastes.fit(data, number[best.label])
    scores = _membership(best)
    return TasteGroups(best.label, softmax(scores, axis=1), best, shared, gains, seed)


def _gain(data: ComparisonData, more: TasteFit, fewer: TasteFit, p_value: float) -> Gain:
    by_row = tastes.left_out(data, more) - tastes.left_out(data, fewer)
    by_annotator = np.bincount(data.annotator, by_row, len(data.annotators))
    mean, se = float(by_annotator.mean()), float(by_annotator.std(ddof=1) / np.sqrt(by_annotator.size))
    return Gain(more.n_groups, mean, se, by_annotator.size, p_value, mean > BEYOND_NOISE * se)


def _coherence(data: ComparisonData, found: TasteFit, seed: int) -> tuple[float, list[FloatArray]]:
    """Test whether annotators' residuals go together, and give the leading directions over systems and over items.

    The null deals the residuals of one pair of systems (of one item) to its judgments at random: what all share
    there stays, what only some share is broken. Dealing ends early once it is clear that there is nothing.
    """
    rng = np.random.default_rng(seed)
    residual = _residual(data, found)
    pair = data.item_system_a[data.item].astype(np.int64) * len(data.systems) + data.item_system_b[data.item]
    # random numbers belong to annotator and item: rows lie in another order when systems are renamed
    known = np.empty(residual.size, dtype=np.int64)
    known[np.lexsort((data.covariates[:, 0], data.item, data.annotator))] = np.arange(residual.size)
    p_values, directions = [], []
    for features, block in ((_by_system, pair), (_by_item, data.item)):
        value, direction = _leading(features(data, residual))
        place, above, deals = np.lexsort((known, block)), 0, 0
        while deals < DEALS and above < CLEARLY_NOT:
            dealt = np.empty_like(residual)
            dealt[place] = residual[np.lexsort((rng.random(residual.size)[known], block))]
            above += _leading(features(data, dealt))[0] >= value
            deals += 1
        p_values.append((1 + above) / (1 + deals))
        directions.append(direction)
    return min(1.0, len(p_values) * min(p_values)), directions


def _more(data: ComparisonData, found: TasteFit, directions: list[FloatArray]) -> TasteFit | None:
    """Add the best further group: split each group along each direction, let annotators move, keep the best."""
    tried = [_settled(data, label, found) for label in _splits(found, directions)]
    fits = [one for one in tried if one is not None]
    return max(fits, key=lambda one: one.value) if fits else None


def _splits(found: TasteFit, directions: list[FloatArray]) -> Iterator[Labels]:
    for direction in directions:
        for group in range(found.n_groups):
            inside = found.label == group
            if inside.sum() >= 2 * LEAST_MEMBERS:
                yield np.where(inside & (direction > 0), found.n_groups, found.label)


def _residual(data: ComparisonData, found: TasteFit) -> FloatArray:
    seen = found.quality[found.label[data.annotator], data.item]
    eta, kappa = evidence.terms(data, seen, found.annotator)
    return row_terms.scores(eta, kappa, data.outcome)[0]


def _by_system(data: ComparisonData, residual: FloatArray) -> csr_array:
    ends = np.concatenate([data.item_system_a[data.item], data.item_system_b[data.item]])
    place = (np.tile(data.annotator, 2), ends)
    return csr_array((np.concatenate([residual, -residual]), place), shape=(len(data.annotators), len(data.systems)))


def _by_item(data: ComparisonData, residual: FloatArray) -> csr_array:
    return csr_array((residual, (data.annotator, data.item)), shape=(len(data.annotators), len(data.items)))


def _leading(features: csr_array) -> tuple[float, FloatArray]:
    """Give the largest eigenvalue and vector of the products of different annotators' features."""
    n = features.shape[0]
    own = np.asarray(features.multiply(features).sum(axis=1)).ravel()
    if n <= DENSE:
        product = (features @ features.T).toarray() - np.diag(own)
        values, vectors = eigh(product, subset_by_index=[n - 1, n - 1])
        return float(values[0]), np.asarray(vectors[:, 0])

    def times(v: FloatArray) -> FloatArray:
        return np.asarray(features @ (features.T @ np.ravel(v)) - own * np.ravel(v))

    start = np.cos(np.arange(n) + 1.0)
    values, vectors = eigsh(LinearOperator((n, n), matvec=times, dtype=float), k=1, which="LA", v0=start, tol=1e-3)
    return float(values[0]), np.asarray(vectors[:, 0])


def _settled(data: ComparisonData, label: Labels, shared: TasteFit) -> TasteFit | None:
    """Refit and move annotators until nobody moves; None when a group becomes too small."""
    groups, before = int(label.max()) + 1, shared
    for _ in range(MOVES):
        if np.bincount(label, minlength=groups).min() < max(LEAST_MEMBERS, LEAST_SHARE * label.size):
            return None
        before = tastes.fit(data, label, before=before, rounds=2)
        moved = _membership(before).argmax(axis=1)
        if np.array_equal(moved, label):
            break
        label = moved
    return tastes.fit(data, before.label, before=before)


def _membership(fit: TasteFit) -> FloatArray:
    """Score each annotator in each group: log evidence of its judgments plus log share of the group."""
    share = (np.bincount(fit.label, minlength=fit.n_groups) + 1.0) / (fit.label.size + fit.n_groups)
    return np.asarray(fit.evidence + np.log(share))
