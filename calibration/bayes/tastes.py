"""A penalized point fit in which groups of annotators see systems and items each in their own way.

With one group it is the model of one shared truth. It decides how annotators group; it is never an estimate shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from calibration.bayes import evidence, row_terms
from calibration.bayes.data import ComparisonData, FloatArray

Labels = npt.NDArray[np.integer]

STRENGTH_SD, ITEM_SD = 1.5, 0.7
# how far a group may stand from what all share: its strengths, its view of one item
TASTE_SD, TASTE_ITEM_SD = 0.7, 0.5
ROUNDS = 4
OPTIONS = {"maxiter": 100, "maxcor": 15, "ftol": 1e-8}


@dataclass(frozen=True, slots=True)
class TasteFit:
    """Hold a fit: each annotator's group and parameters, and ``quality`` (groups, items) as each group sees it.

    ``strength`` is (groups, systems), ``value`` the penalized log-likelihood; ``z`` the optimum in units of its
    penalty, a start for a neighbouring fit; ``evidence`` (annotators, groups) the log marginal likelihood of each
    annotator's judgments if it belonged to each group, its own answers left out of what the group sees.
    """

    label: Labels
    strength: FloatArray
    quality: FloatArray
    annotator: FloatArray
    evidence: FloatArray
    z: FloatArray
    value: float

    @property
    def n_groups(self) -> int:
        """Count the groups."""
        return len(self.quality)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Cut the vector of parameters: shared strengths and items, then each group's deviations."""

    data: ComparisonData
    groups: int

    def sizes(self) -> list[int]:
        systems, items, own = len(self.data.systems), len(self.data.items), self.groups if self.groups > 1 else 0
        return [systems, items, own * systems, own * items]

    def unpack(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        strength, item, own_strength, own_item = np.split(z, np.cumsum(self.sizes())[:-1])
        theta = np.tile(STRENGTH_SD * strength, (self.groups, 1))
        effect = np.tile(ITEM_SD * item, (self.groups, 1))
        if self.groups > 1:
            theta = theta + TASTE_SD * own_strength.reshape(theta.shape)
            effect = effect + TASTE_ITEM_SD * own_item.reshape(effect.shape)
        return theta, theta[:, self.data.item_system_a] - theta[:, self.data.item_system_b] + effect

    def gradient(self, d_quality: FloatArray) -> FloatArray:
        n, a, b = len(self.data.systems), self.data.item_system_a, self.data.item_system_b
        d_theta = np.array([np.bincount(a, d, n) - np.bincount(b, d, n) for d in d_quality])
        parts = [STRENGTH_SD * d_theta.sum(axis=0), ITEM_SD * d_quality.sum(axis=0)]
        if self.groups > 1:
            parts += [TASTE_SD * d_theta.ravel(), TASTE_ITEM_SD * d_quality.ravel()]
        return np.concatenate(parts)


def fit(data: ComparisonData, label: Labels, *, before: TasteFit | None = None, rounds: int = ROUNDS) -> TasteFit:
    """Fit strengths and items given annotators, and annotators given what others answered, in turn.

    A joint optimum would let a few annotators dictate the items they judged; here nobody's parameters are ever
    fitted to a quality that their own answer made.
    """
    groups = int(label.max()) + 1
    annotator = np.tile(evidence.CENTER, (len(data.annotators), 1)) if before is None else before.annotator
    start = before.z if before is not None and before.n_groups == groups else None
    for _ in range(rounds):
        strength, quality, z, value = _qualities(data, label, annotator, groups, start)
        seen = others_quality(data, label, quality, annotator)
        found = [evidence.of_qualities(data, one, annotator) for one in seen]
        annotator = np.array([one.annotator for one in found])[label, np.arange(label.size)]
        start = z
    by_group = np.column_stack([one.log_marginal for one in found])
    return TasteFit(label, strength, quality, annotator, by_group, z, value)


def _qualities(
    data: ComparisonData, label: Labels, annotator: FloatArray, groups: int, start: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    layout, n_items = _Layout(data, groups), len(data.items)
    cell = label[data.annotator] * n_items + data.item
    slope, kappa = np.exp(annotator[data.annotator, 0]), np.exp(annotator[data.annotator, -1])
    beside = evidence.terms(data, np.zeros(cell.size), annotator)[0]

    def objective(z: FloatArray) -> tuple[float, FloatArray]:
        quality = layout.unpack(z)[1]
        eta = slope * quality.ravel()[cell] + beside
        value = row_terms.log_likelihood(eta, kappa, data.outcome).sum()
        pull = slope * row_terms.scores(eta, kappa, data.outcome)[0]
        d_quality = np.bincount(cell, pull, groups * n_items).reshape(groups, n_items)
        return 0.5 * float(z @ z) - float(value), z - layout.gradient(d_quality)

    first = np.zeros(sum(layout.sizes())) if start is None else start
    found = minimize(objective, first, jac=True, method="L-BFGS-B", options=OPTIONS)
    return *layout.unpack(found.x), found.x, -float(found.fun)


def left_out(data: ComparisonData, found: TasteFit) -> FloatArray:
    """Give the log score of every row in its annotator's group, given the others on its item."""
    seen = others_quality(data, found.label, found.quality, found.annotator)
    own = seen[found.label[data.annotator], np.arange(data.n_judgments)]
    return row_terms.log_likelihood(*evidence.terms(data, own, found.annotator), data.outcome)


def others_quality(data: ComparisonData, label: Labels, quality: FloatArray, annotator: FloatArray) -> FloatArray:
    """Give each group's quality of each row's item as if that row had not been judged, shape (groups, rows).

    One Newton step takes the row out of the item's joint posterior over groups; strengths keep it.
    """
    groups, n_items = quality.shape
    group, item = label[data.annotator], data.item
    eta, kappa = evidence.terms(data, quality[group, item], annotator)
    slope = np.exp(annotator[data.annotator, 0])
    weight = slope**2 * row_terms.information(eta, kappa)[0]
    pull = slope * row_terms.scores(eta, kappa, data.outcome)[0]
    known = np.bincount(group * n_items + item, weight, groups * n_items).reshape(groups, n_items).T
    own = item_covariance(known)[item, group]
    left = np.maximum(1.0 - weight * own[np.arange(group.size), group], 0.05)
    return quality[:, item] - (own * (pull / left)[:, None]).T


def item_covariance(known: FloatArray) -> FloatArray:
    """Give the covariance of the groups' qualities of each item; ``known`` (items, groups) is what judgments tell."""
    groups = known.shape[1]
    own = TASTE_ITEM_SD**2 if groups > 1 else 0.0
    prior = np.linalg.inv(own * np.eye(groups) + ITEM_SD**2)
    return np.linalg.inv(prior + known[:, :, None] * np.eye(groups))
