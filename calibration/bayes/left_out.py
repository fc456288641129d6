"""Log score of every judgment as if it had not been seen, by importance sampling over the draws of one fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from arviz_stats.base import array_stats
from scipy.special import logsumexp

from calibration.bayes import replicates, row_terms
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.replicates import Draws

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit

N_DRAWS, NODES, REACH = 200, 31, 6.0
RATES, LAPSES_PRIOR = np.linspace(0.0, 0.5, 251), 19.0
HIGH_K = 0.7


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Hold log p(judgment | all others) of each row, and Pareto k of its importance weights (above .7: unsafe)."""

    log_score: FloatArray
    pareto_k: FloatArray

    @property
    def share_unsafe(self) -> float:
        """Give the share of rows whose weights are too uneven."""
        return float((self.pareto_k > HIGH_K).mean())


def scores(fit: Fit, *, n_draws: int = N_DRAWS) -> LeftOut:
    """Compute the leave-one-out log score of every judgment without a refit.

    In each draw the quality of the item is integrated out on a grid, with and without the judgment; only what many
    judgments share (strengths, annotators, item sd) is reweighted, by Pareto smoothed importance sampling.

    Parameters
    ----------
    fit
        A comparison fit.
    n_draws
        Draws used, evenly spread.

    References
    ----------
    Vehtari, Gelman and Gabry 2017, doi:10.1007/s11222-016-9696-4; Vehtari et al. 2024, arXiv:1507.02646.
    """
    data, draws = fit.data, replicates.spread(fit, n_draws)
    order = np.argsort(data.item, kind="stable")
    center, half = draws.quality.mean(axis=0), REACH * draws.quality.std(axis=0) + 1e-3
    grid = center[:, None] + half[:, None] * np.linspace(-1, 1, NODES)
    log_p = np.empty((data.n_judgments, len(draws)))
    for at in range(len(draws)):
        log_p[order, at] = _given_the_others(data, draws, at, grid, order)
    log_weight, k = array_stats.psislw(-log_p, axis=-1)
    score = logsumexp(log_weight + log_p, axis=1) - logsumexp(log_weight, axis=1)
    return LeftOut(score, np.asarray(k))


def _given_the_others(data: ComparisonData, draws: Draws, at: int, grid: FloatArray, order: np.ndarray) -> FloatArray:
    """Give log p(row | other rows on its item) in one draw, in the given order (sorted by item)."""
    item, who = data.item[order], data.annotator[order]
    own, lapse = draws.annotator[at][who], draws.lapse[at][who, None]
    beside = (own[:, 1:-1] * data.covariates[order]).sum(axis=1)
    eta = own[:, :1] * grid[item] + beside[:, None]
    kappa = np.exp(own[:, -1])[:, None]
    chance = np.take_along_axis(row_terms.probabilities(eta, kappa), data.outcome[order][:, None, None], axis=2)
    row = np.log((1 - lapse) * chance[:, :, 0] + lapse * data.menu[data.outcome[order]][:, None] + 1e-300)
    gap = draws.strength[at][data.item_system_a] - draws.strength[at][data.item_system_b]
    prior = -0.5 * ((grid - gap[:, None]) / draws.item_sd[at]) ** 2
    judged, starts = np.unique(item, return_index=True)
    joint = prior
    joint[judged] += np.add.reduceat(row, starts, axis=0)
    return logsumexp(joint, axis=1)[item] - logsumexp(joint[item] - row, axis=1)


def lapse_rates(data: ComparisonData, scored: LeftOut) -> FloatArray:
    """Estimate how often each group answers at random, beyond what the fit allows for, from judgments left out.

    The rate e at which (1 - e) p + e m predicts best, p what the fit says of a judgment without it and m the menu's
    share, under a Beta(1, 19) prior; shape (groups,). A crowd contradicts the clearest pairs more often than any
    ordered logit has it.
    """
    menu = data.menu[data.outcome]
    chance, group = np.exp(scored.log_score) + 1e-300, data.annotator_group[data.annotator]
    rates = np.zeros(len(data.groups))
    for g in np.unique(group):
        own = group == g
        fits = np.array([np.log((1.0 - e) * chance[own] + e * menu[own]).sum() for e in RATES])
        rates[g] = RATES[(fits + (LAPSES_PRIOR - 1.0) * np.log1p(-RATES)).argmax()]
    return rates
