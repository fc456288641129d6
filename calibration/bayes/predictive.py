"""Posterior predictive probabilities of answers that were not observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri, stdtrit
from scipy.stats import qmc

from calibration.bayes import left_out
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.priors import DEFAULT_PRIORS, PARAMETERS
from calibration.bayes.questions import Ints, Questions
from calibration.bayes.sampling import Fit

# Draws used where the item's quality was sampled, and where its effect is integrated out in each draw.
MAX_DRAWS, MAX_DRAWS_INTEGRATED = 2_000, 500
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
# Numbers of one array that a block of rows makes.
BLOCK = 2_000_000


def probabilities(fit: Fit, rows: pd.DataFrame) -> FloatArray:
    r"""Return the posterior predictive P(a), P(tie), P(b) of each row, in the row's own orientation.

    The outcome probabilities of the model averaged over the posterior, with the lapses that judgments left out show
    (``left_out.lapse_rates``). What the fit does not know is drawn from where
    the model draws it: an item (or an item with other systems) has quality N(theta_a - theta_b, tau), integrated by
    Gauss-Hermite quadrature; a system strength N(0, s); an annotator the Student-t discrimination and the normal
    habits of its group, moved by its subgroup (a new one where the group has others), one point of a scrambled Halton
    sequence a draw. The levels of two components that were never compared differ by N(0, s sqrt(1/n_1 + 1/n_2)), n
    their numbers of systems: strengths that sum to zero within a component leave its mean at the prior.

    Parameters
    ----------
    fit
        A fit of one criterion.
    rows
        Columns ``item, annotator, system_a, system_b`` and, where known, ``annotator_kind``, ``annotator_group``,
        ``annotator_family`` (of annotators that the fit does not know; a kind that the fit has no group of counts as
        its reference group), ``shown_order``, ``length_a``, ``length_b``, ``system_family_a``, ``system_family_b``
        as in the fit; an unknown order is 0, an unknown length equal.

    Returns
    -------
    array
        Shape (rows, 3), in the order of the rows; each sums to 1. The same fit and rows give the same numbers.

    Raises
    ------
    columns.UnusableFrame
        When a column is missing, holds a value that the model cannot read, or a system meets itself.

    References
    ----------
    Rao and Kupper 1967 (ties), doi:10.1080/01621459.1967.10482901; Halton 1960 (points), doi:10.1007/BF01386213.
    """
    given, turned = Questions.of(fit.data, rows)
    asked, place = given.distinct()
    found = np.empty((asked.item.size, 3))
    known_item, known_annotator = asked.item >= 0, asked.annotator >= 0
    for limit, of_item in ((MAX_DRAWS, known_item), (MAX_DRAWS_INTEGRATED, ~known_item)):
        draws = Draws.of(fit, limit)
        for of_annotator in (known_annotator, ~known_annotator):
            for block in _blocks(np.flatnonzero(of_item & of_annotator), draws.size):
                found[block] = _averaged(fit.data, draws, asked.among(block))
    lapse = left_out.lapse_rates(fit.data, left_out.scores(fit))[_groups(fit.data, asked.annotator), None]
    canonical = ((1.0 - lapse) * found + lapse * fit.data.menu)[place]
    return np.where(turned[:, None], canonical[:, ::-1], canonical)


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws in the model's own terms, chains joined and thinned: first axis is the draw.

    ``stranger`` (draws, groups + subgroups, parameters) holds for each an annotator that nobody has seen.
    """

    size: int
    discrimination: FloatArray
    habit: FloatArray
    quality: FloatArray
    strength: FloatArray
    strength_sd: FloatArray
    item_sd: FloatArray
    lapse: FloatArray
    stranger: FloatArray

    @classmethod
    def of(cls, fit: Fit, limit: int) -> Self:
        """Thin the draws of a fit evenly."""
        thinned = fit.joined(limit)
        scale = thinned["scale"]
        return cls(
            size=len(scale),
            discrimination=thinned["discrimination"],
            habit=thinned["habit"],
            quality=thinned["quality"],
            strength=thinned["strength"],
            strength_sd=scale[:, [0]],
            item_sd=scale[:, [1]],
            lapse=thinned["lapse"],
            stranger=_strangers(fit.data, thinned["group_mean"], scale[:, 2:], thinned.get("offset")),
        )

    def annotator(self, index: Ints) -> FloatArray:
        """Give every parameter of annotators, shape (draws, annotators, parameters); all known or all strangers."""
        if index[0] < 0:
            return self.stranger[:, -1 - index]
        return np.concatenate([self.discrimination[:, index, None], self.habit[:, index]], axis=2)


def _strangers(data: ComparisonData, free_mean: FloatArray, sd: FloatArray, offset: FloatArray | None) -> FloatArray:
    """Draw one annotator of each group and subgroup in every draw, all from the same points."""
    size, shape = len(free_mean), (len(free_mean), len(data.groups), len(PARAMETERS))
    sd = sd.reshape(shape)
    mean = np.concatenate([np.ones((size, 1)), free_mean], axis=1).reshape(shape)
    points = qmc.Halton(2 * len(PARAMETERS), rng=np.random.default_rng(0)).random(size)
    z, of_subgroup = np.split(ndtri(points)[:, None, :], 2, axis=2)
    z[:, 0, 0] = stdtrit(DEFAULT_PRIORS.tail, points[:, 0])
    parent = _parents(data)
    has_others = np.isin(np.arange(len(data.groups)), parent)[:, None]
    drawn = mean + sd * (z + DEFAULT_PRIORS.subgroup_share * of_subgroup * has_others)
    used = data.used_parameters()
    if offset is None:
        return np.asarray(drawn * used)
    inside = (mean + sd * z)[:, parent] + offset
    return np.concatenate([drawn * used, inside * used[parent]], axis=1)


def _parents(data: ComparisonData) -> Ints:
    """Give the group of each subgroup."""
    parent = np.zeros(len(data.subgroups), dtype=np.int64)
    inside = data.annotator_subgroup >= 0
    parent[data.annotator_subgroup[inside]] = data.annotator_group[inside]
    return parent


def _blocks(chosen: Ints, n_draws: int) -> Iterator[Ints]:
    size = max(1, BLOCK // (n_draws * len(PARAMETERS)))
    for start in range(0, chosen.size, size):
        yield chosen[start : start + size]


def _averaged(data: ComparisonData, draws: Draws, asked: Questions) -> FloatArray:
    """Average over the draws, and over the qualities of items that were not judged."""
    own = draws.annotator(asked.annotator)
    alpha, kappa = own[:, :, 0], np.exp(own[:, :, -1])
    shift = (own[:, :, 1:-1] * asked.covariates).sum(axis=2)
    careful = 1.0 - draws.lapse[:, _groups(data, asked.annotator)]
    p_a, p_b = np.zeros(asked.item.size), np.zeros(asked.item.size)
    for quality, weight in _qualities(data, draws, asked):
        eta = alpha * quality + shift
        p_a += weight * (careful * expit(eta - kappa)).mean(axis=0)
        p_b += weight * (careful * expit(-eta - kappa)).mean(axis=0)
    random = (1.0 - careful.mean(axis=0)) * data.menu[0]
    return np.column_stack([p_a + random, np.maximum(1.0 - p_a - p_b - 2.0 * random, 0.0), p_b + random])


def _groups(data: ComparisonData, annotator: Ints) -> Ints:
    of_strangers = np.concatenate([np.arange(len(data.groups)), _parents(data)])
    known = data.annotator_group[np.maximum(annotator, 0)]
    return np.where(annotator < 0, of_strangers[np.maximum(-1 - annotator, 0)], known)


def _qualities(data: ComparisonData, draws: Draws, asked: Questions) -> Iterator[tuple[FloatArray, float]]:
    if asked.item[0] >= 0:
        yield draws.quality[:, asked.item], 1.0
        return
    a, b = asked.system_a, asked.system_b
    gap = np.where(a < 0, 0.0, draws.strength[:, a]) - np.where(b < 0, 0.0, draws.strength[:, b])
    spread = np.sqrt(draws.item_sd**2 + draws.strength_sd**2 * _unknown_share(data, a, b))
    for node, weight in zip(NODES, WEIGHTS / WEIGHTS.sum(), strict=True):
        yield gap + spread * node, float(weight)


def _unknown_share(data: ComparisonData, a: Ints, b: Ints) -> FloatArray:
    """Return the variance of a difference of strengths that no comparison bears on, in units of the prior's."""
    part = data.system_component
    share = 1.0 / np.bincount(part)[part]
    apart = (a < 0) | (b < 0) | (part[a] != part[b])
    return np.where(a < 0, 1.0, np.where(apart, share[a], 0.0)) + np.where(b < 0, 1.0, np.where(apart, share[b], 0.0))
