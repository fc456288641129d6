"""Tasks on which people truly differ: disagreement that one shared truth with annotators' noise does not explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.stats import false_discovery_control

from calibration.bayes import contrasts, dissent, evidence, replicates, row_terms, spam, taste_groups, tastes, units
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.dissent import RowPairs
from calibration.bayes.taste_groups import TasteGroups
from calibration.bayes.units import Units

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit

FALSE_DISCOVERY = 0.05
N_REPLICATES = 2_000
EVERYBODY = -1
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(9)


@dataclass(frozen=True, slots=True)
class Contested:
    """Hold what people differ about.

    ``items``, ``pairs`` (of systems), ``tags``: one row per unit with n (judgments of reliable annotators), n_pairs
    (two annotators on one item), dissent (share of n_pairs with opposed preferences) and expected_dissent, p_dissent,
    p_taste, p_value, q_value and contested; of items also ``contested_by``. Without n_pairs all of these are NaN and
    nothing is contested. ``outcomes``: per item and taste group its share of annotators and p_a, p_tie, p_b; group
    -1 is the mixture of all. ``annotators``: the table of ``spam.unreliable``.
    """

    items: pd.DataFrame
    pairs: pd.DataFrame
    tags: pd.DataFrame
    outcomes: pd.DataFrame
    annotators: pd.DataFrame
    groups: TasteGroups
    seed: int
    n_replicates: int


def find(
    fit: Fit,
    *,
    tags: Mapping[str, tuple[str, ...]] | None = None,
    groups: TasteGroups | None = None,
    seed: int = 0,
    n_replicates: int = N_REPLICATES,
) -> Contested:
    """Mark the tasks whose disagreement noise does not explain.

    Two tests of every item, pair of systems and tag, on the judgments of annotators that are not flagged: opposed
    preferences on one item against the posterior predictive of one shared truth (``p_dissent``), and, where taste
    groups are established, the contrast between groups against one shared view (``p_taste``). p_value is twice the
    smaller; Benjamini-Hochberg at 5% within items, within pairs and within tags. An item is contested by its own
    test, or because its pair or tag is and the groups prefer different sides of it.

    Parameters
    ----------
    fit
        A comparison fit.
    tags
        Tags of each item by its name; items without any are left out of the table of tags.
    groups
        What ``taste_groups.find`` says about the data; found here when None.

    Returns
    -------
    Contested
        Outcomes are those of each group's average annotator without position or length bias, what is not known of
        the item averaged in.

    References
    ----------
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    data = fit.data
    found = taste_groups.find(data, seed=seed) if groups is None else groups
    annotators = spam.unreliable(fit, found)
    rows = np.flatnonzero(~annotators["flagged"].to_numpy()[data.annotator])
    gathered = units.of_items(data, tags or {})
    pairs = dissent.row_pairs(data, rows, seed=seed)
    p_dissent, expected = _dissent(fit, pairs, gathered, seed, n_replicates)
    p_taste = contrasts.p_values(data, found, rows, gathered, seed=seed + 1, n_replicates=n_replicates)
    tables = {
        name: _table(data, rows, pairs, unit, expected, p_dissent[name], p_taste[name])
        for name, unit in gathered.items()
    }
    outcomes, opposed = _outcomes(data, found)
    items = _marked(tables, gathered, opposed)
    return Contested(items, tables["pair"], tables["tag"], outcomes, annotators, found, seed, n_replicates)


def _dissent(
    fit: Fit, pairs: RowPairs, gathered: Mapping[str, Units], seed: int, n_replicates: int
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Count the replicates with at least as much opposition; give also the expected opposition of each item."""
    data = fit.data

    def opposition(outcome: npt.NDArray[np.integer]) -> FloatArray:
        return np.bincount(pairs.item, pairs.opposed(outcome), len(data.items))

    seen = opposition(data.outcome)
    observed = {name: unit.total(seen) for name, unit in gathered.items()}
    count = {name: np.ones(len(unit.names)) for name, unit in gathered.items()}
    expected = np.zeros(len(data.items))
    draws = replicates.spread(fit, n_replicates)
    for outcome, _ in replicates.answers(data, draws, n=n_replicates, seed=seed):
        again = opposition(outcome)
        expected += again / n_replicates
        for name, unit in gathered.items():
            count[name] += unit.total(again) >= observed[name] - 1e-9
    return {name: value / (1 + n_replicates) for name, value in count.items()}, expected


def _table(
    data: ComparisonData,
    rows: npt.NDArray[np.integer],
    pairs: RowPairs,
    unit: Units,
    expected: FloatArray,
    p_dissent: FloatArray,
    p_taste: FloatArray,
) -> pd.DataFrame:
    n_items = len(data.items)
    n_pairs = unit.total(np.bincount(pairs.item, pairs.weight, n_items))
    opposed = unit.total(np.bincount(pairs.item, pairs.opposed(data.outcome), n_items))
    some = n_pairs > 0
    p_value = np.where(some, np.minimum(1.0, 2 * np.minimum(p_dissent, p_taste)), np.nan)
    q_value = np.full(p_value.size, np.nan)
    q_value[some] = false_discovery_control(p_value[some]) if some.any() else []
    at_least_one = np.where(some, n_pairs, np.nan)
    return unit.names.assign(
        n=unit.total(np.bincount(data.item[rows], minlength=n_items).astype(float)).astype(int),
        n_pairs=n_pairs.round().astype(int),
        dissent=opposed / at_least_one,
        expected_dissent=unit.total(expected) / at_least_one,
        p_dissent=np.where(some, p_dissent, np.nan),
        p_taste=np.where(some, p_taste, np.nan),
        p_value=p_value,
        q_value=q_value,
        contested=q_value <= FALSE_DISCOVERY,
    )


def _marked(
    tables: Mapping[str, pd.DataFrame], gathered: Mapping[str, Units], opposed: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Mark items by their own test, and by their pair or tag where the groups prefer different sides."""
    items = tables["item"]
    marks = {name: gathered[name].any_of(table["contested"].to_numpy(), len(items)) for name, table in tables.items()}
    marks = {name: mark if name == "item" else mark & opposed for name, mark in marks.items()}
    by = [", ".join(name for name, mark in marks.items() if mark[k]) for k in range(len(items))]
    return items.assign(contested=np.any(list(marks.values()), axis=0), contested_by=by)


def _outcomes(data: ComparisonData, found: TasteGroups) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Give each item's outcome by group and mixed, and whether groups prefer different sides of it."""
    fit, n_items = found.fit, len(data.items)
    share = np.bincount(found.label, minlength=found.n_groups) / found.label.size
    slope, kappa = np.exp(np.median(fit.annotator[:, [0, -1]], axis=0))
    sd = np.sqrt(np.diagonal(tastes.item_covariance(_known(data, found)), axis1=1, axis2=2)).T
    p_a, p_b = np.zeros(fit.quality.shape), np.zeros(fit.quality.shape)
    for node, weight in zip(NODES, WEIGHTS / WEIGHTS.sum(), strict=True):
        eta = slope * (fit.quality + sd * node)
        p_a, p_b = p_a + weight * expit(eta - kappa), p_b + weight * expit(-eta - kappa)
    p_a, p_b = np.vstack([p_a, share @ p_a]), np.vstack([p_b, share @ p_b])
    group = np.append(np.arange(found.n_groups), EVERYBODY)
    systems = np.array(data.systems, dtype=object)
    table = pd.DataFrame(
        {
            "item": np.repeat(np.array(data.items, dtype=object), group.size),
            "system_a": np.repeat(systems[data.item_system_a], group.size),
            "system_b": np.repeat(systems[data.item_system_b], group.size),
            "group": np.tile(group, n_items),
            "share": np.tile(np.append(share, 1.0), n_items),
            "p_a": p_a.T.ravel(),
            "p_tie": 1.0 - p_a.T.ravel() - p_b.T.ravel(),
            "p_b": p_b.T.ravel(),
        }
    )
    side = np.sign(fit.quality)
    return table, (side != side[0]).any(axis=0)


def _known(data: ComparisonData, found: TasteGroups) -> FloatArray:
    """Give the information that judgments hold about each item as each group sees it, shape (items, groups)."""
    fit, n_items = found.fit, len(data.items)
    group = found.label[data.annotator]
    eta, kappa = evidence.terms(data, fit.quality[group, data.item], fit.annotator)
    weight = np.exp(2 * fit.annotator[data.annotator, 0]) * row_terms.information(eta, kappa)[0]
    cell = data.item * found.n_groups + group
    return np.bincount(cell, weight, n_items * found.n_groups).reshape(n_items, -1)
