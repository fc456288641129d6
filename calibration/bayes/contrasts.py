"""Test whether taste groups see the same item, pair or tag differently."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from calibration.bayes import evidence, replicates, row_terms
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.taste_groups import TasteGroups
from calibration.bayes.units import Units

Rows = npt.NDArray[np.integer]
# how far one shared view may stand from the mean of the groups' views: wide, so that disagreement is no shrinkage
SHARED_SD, NEWTON_STEPS = 1.5, 8


def p_values(
    data: ComparisonData, found: TasteGroups, rows: Rows, units: Mapping[str, Units], *, seed: int, n_replicates: int
) -> dict[str, FloatArray]:
    """Compare the groups' contrast in each unit with judgments replayed under one view shared by all.

    Under the null every annotator keeps its parameters and the groups share one quality per item, the likeliest. The
    statistic is the squared score for "later groups stand apart from the largest" with that quality profiled out,
    over its variance: along the pair's direction in directed units, added up over items elsewhere.

    Parameters
    ----------
    rows
        The judgments that count.

    Returns
    -------
    dict
        p for each unit; 1 where a unit lacks judgments of one side, or there is one group.
    """
    if found.n_groups == 1:
        return {name: np.ones(len(unit.names)) for name, unit in units.items()}
    eta, kappa = _under_one_view(data, found, rows)
    observed = _statistics(data, found, rows, units, eta, kappa, data.outcome[rows])
    count = {name: np.ones(len(unit.names)) for name, unit in units.items()}
    chance = row_terms.probabilities(eta, kappa)
    rng = np.random.default_rng(seed)
    for _ in range(n_replicates):
        again = replicates.drawn(chance, rng)
        for name, values in _statistics(data, found, rows, units, eta, kappa, again).items():
            count[name] += values >= observed[name] - 1e-9
    return {name: value / (1 + n_replicates) for name, value in count.items()}


def _under_one_view(data: ComparisonData, found: TasteGroups, rows: Rows) -> tuple[FloatArray, FloatArray]:
    """Fit one quality per item to the judgments of all groups, annotators as they are in their groups."""
    who, item, n_items = data.annotator[rows], data.item[rows], len(data.items)
    beside, kappa = evidence.terms(data, np.zeros(data.n_judgments), found.fit.annotator)
    beside, kappa, slope = beside[rows], kappa[rows], np.exp(found.fit.annotator[who, 0])
    share = np.bincount(found.label, minlength=found.n_groups) / found.label.size
    center = share @ found.fit.quality
    quality = center.copy()
    for _ in range(NEWTON_STEPS):
        eta = slope * quality[item] + beside
        pull = np.bincount(item, slope * row_terms.scores(eta, kappa, data.outcome[rows])[0], n_items)
        weight = np.bincount(item, slope**2 * row_terms.information(eta, kappa)[0], n_items)
        step = (pull - (quality - center) / SHARED_SD**2) / (weight + SHARED_SD**-2)
        quality += np.clip(step, -1.0, 1.0)
    return slope * quality[item] + beside, kappa


def _statistics(
    data: ComparisonData,
    found: TasteGroups,
    rows: Rows,
    units: Mapping[str, Units],
    eta: FloatArray,
    kappa: FloatArray,
    outcome: Rows,
) -> dict[str, FloatArray]:
    who, item, n_items = data.annotator[rows], data.item[rows], len(data.items)
    slope = np.exp(found.fit.annotator[who, 0])
    pull = slope * row_terms.scores(eta, kappa, outcome)[0]
    weight = slope**2 * row_terms.information(eta, kappa)[0]
    size: dict[str, FloatArray] = {name: np.zeros(len(unit.names)) for name, unit in units.items()}
    for group in range(1, found.n_groups):
        other = found.label[who] == group
        score, known = (
            [np.bincount(item[side], value[side], n_items) for side in (~other, other)] for value in (pull, weight)
        )
        total = np.maximum(known[0] + known[1], 1e-12)
        contrast = (score[1] * known[0] - score[0] * known[1]) / total
        spread = known[0] * known[1] / total
        for name, unit in units.items():
            size[name] = np.maximum(size[name], _size(unit, contrast, spread))
    return size


def _size(unit: Units, contrast: FloatArray, spread: FloatArray) -> FloatArray:
    if unit.directed:
        return unit.total(contrast) ** 2 / np.maximum(unit.total(spread), 1e-12)
    return unit.total(contrast**2 / np.maximum(spread, 1e-12))
