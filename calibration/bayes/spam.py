"""Tell annotators whose answers say nothing from those who merely disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import gamma

from calibration.bayes import evidence, row_terms, taste_groups, tastes
from calibration.bayes.data import COVARIATES, ComparisonData, FloatArray
from calibration.bayes.taste_groups import TasteGroups
from calibration.bayes.tastes import TasteFit

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit

# 20 to 1 that an annotator is none, after prior odds of 19 to 1 that it is honest
BEYOND_DOUBT = float(np.log(20.0) + np.log(19.0))
# an honest annotator is much like the others; an empty habit may lean to any side
HONEST_SD = evidence.SD * np.array([0.6, *([1.0] * (evidence.SD.size - 1))])
HABIT_SD = evidence.SD * np.array([1.0, *([4.0] * len(COVARIATES)), 1.5])
OWN_TASTE, FIXED = 0.05, 0.95
FEW, LEAST_ALIKE = 20, 3


def unreliable(fit: Fit, groups: TasteGroups | None = None, *, seed: int = 0) -> pd.DataFrame:
    """Flag annotators who are noise to everybody: to the consensus and to every taste group, their own included.

    Each annotator's judgments are compared under three accounts by log Bayes factors: an honest annotator who sees
    the quality that others saw (all of them, or one taste group; its own answers left out), one to whom content
    means nothing but who has a side and a tie habit, and one who turns every preference round. Minority tastes are
    protected three times: by their group's view, by their own systems (an annotator who keeps preferring the same
    systems has a taste, whoever shares it), and because neither a member of a smaller group nor one of several
    inverted annotators, who are a group not found, is called inverted. The price is power: with some 30 judgments
    fixed sides are found and random answers are not.

    Parameters
    ----------
    fit
        A fit, for its data.
    groups
        What ``taste_groups.find`` says about the data; found here when None.

    Returns
    -------
    pandas.DataFrame
        One row per annotator: annotator, group (taste), n, ``noise_consensus`` and ``noise_group`` (log Bayes factor
        of content-free against honest, by all and by the best group), ``inverted`` (of turned round against the best
        other account), ``own_taste_p`` (small when it keeps preferring the same systems), ``flagged`` and ``reason``:
        ``random answers``, ``fixed side``, ``ties only``, ``inverted``, or empty; below 20 judgments
        ``too few judgments`` and no flag.

    References
    ----------
    Kass and Raftery 1995, doi:10.1080/01621459.1995.10476572; Satterthwaite 1946, doi:10.2307/3002019.
    """
    data = fit.data
    found = taste_groups.find(data, seed=seed) if groups is None else groups
    nothing = evidence.of_qualities(data, np.zeros(data.n_judgments), sd=HABIT_SD).log_marginal
    shared, views = _views(data, found.shared)[0], _views(data, found.fit)
    honest, turned, *by_group = (
        evidence.of_qualities(data, seen, sd=HONEST_SD).log_marginal - nothing for seen in (shared, -shared, *views)
    )
    nearest = np.max(by_group, axis=0)
    table = pd.DataFrame(
        {
            "annotator": data.annotators,
            "group": found.label,
            "n": np.bincount(data.annotator, minlength=len(data.annotators)),
            "noise_consensus": -honest,
            "noise_group": -nearest,
            "inverted": turned - np.maximum(np.maximum(honest, nearest), 0.0),
            "own_taste_p": _own_taste(data),
        }
    )
    reason = _reasons(data, table)
    return table.assign(flagged=~reason.isin(["", "too few judgments"]), reason=reason)


def _views(data: ComparisonData, fit: TasteFit) -> FloatArray:
    """Give what others saw at each row, in the unit in which the median annotator discriminates with 1."""
    unit = np.exp(np.median(fit.annotator[:, 0]))
    return unit * tastes.others_quality(data, fit.label, fit.quality, fit.annotator)


def _reasons(data: ComparisonData, table: pd.DataFrame) -> pd.Series:
    noise = table[["noise_consensus", "noise_group"]].min(axis=1) > BEYOND_DOUBT
    # who turns preferences round knows them: the content means something
    noise &= table["inverted"] <= 0
    # members of an established minority are turned round by definition, whatever explains them best
    of_largest = table["group"] == 0
    inverted = (table["inverted"] > BEYOND_DOUBT) & (table["noise_group"] > -BEYOND_DOUBT) & of_largest
    alone = inverted.sum() < max(LEAST_ALIKE, taste_groups.LEAST_SHARE * len(table))
    ties, side = _habits(data)
    reason = np.full(len(table), "", dtype=object)
    reason[noise & (table["own_taste_p"] > OWN_TASTE)] = "random answers"
    reason[(reason == "random answers") & (side >= FIXED)] = "fixed side"
    reason[ties >= FIXED] = "ties only"
    if alone:
        reason[inverted] = "inverted"
    reason[table["n"] < FEW] = "too few judgments"
    return pd.Series(reason, index=table.index)


def _habits(data: ComparisonData) -> tuple[FloatArray, FloatArray]:
    """Give each annotator's share of ties, and of its commoner side among preferences of known order."""
    n_annotators = len(data.annotators)
    n = np.maximum(np.bincount(data.annotator, minlength=n_annotators), 1)
    ties = np.bincount(data.annotator, data.outcome == 1, n_annotators) / n
    sign = data.covariates[:, 0] * (1 - data.outcome)
    ordered = np.maximum(np.bincount(data.annotator, sign != 0, n_annotators), 1)
    first = np.bincount(data.annotator, sign > 0, n_annotators) / ordered
    return ties, np.maximum(first, 1 - first) * (ordered >= FEW)


def _own_taste(data: ComparisonData) -> FloatArray:
    """Test for each annotator whether some systems win more of its judgments than a content-free habit gives.

    The sum of squares of its systems' scores against its mean and variance under the habit, as a gamma tail.
    """
    zero = np.zeros(data.n_judgments)
    habit = evidence.of_qualities(data, zero, sd=HABIT_SD).annotator
    eta, kappa = evidence.terms(data, zero, habit)
    score = row_terms.scores(eta, kappa, data.outcome)[0]
    weight = row_terms.information(eta, kappa)[0]
    shape = (len(data.systems), len(data.systems))
    a, b = data.item_system_a[data.item], data.item_system_b[data.item]
    p_value = np.ones(len(data.annotators))
    bounds = np.searchsorted(data.annotator, np.arange(len(data.annotators) + 1))
    for j, rows in enumerate(slice(*ends) for ends in zip(bounds[:-1], bounds[1:], strict=True)):
        total = np.bincount(a[rows], score[rows], shape[0]) - np.bincount(b[rows], score[rows], shape[0])
        cross = np.zeros(shape)
        np.add.at(cross, (a[rows], b[rows]), weight[rows])
        cross = cross + cross.T
        spread = np.diag(cross.sum(axis=0)) - cross
        mean, variance = np.trace(spread), 2 * (spread**2).sum()
        if variance > 0:
            p_value[j] = gamma.sf((total**2).sum(), mean**2 / variance, scale=variance / mean)
    return p_value
