"""The model of paired comparisons by people and judges, in PyMC: the definition.

``posterior`` samples the same model without compiling; tests hold it equal to this one.
"""

# mypy: disable-error-code="index, operator"
# (the graph library is typed more loosely than it behaves)

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes.data import ComparisonData
from calibration.bayes.posterior import design_of, rows_of
from calibration.bayes.priors import DEFAULT_PRIORS, PARAMETERS, ComparisonPriors
from calibration.bayes.zero_sum import ZeroSum


def build_comparison_model(data: ComparisonData, priors: ComparisonPriors = DEFAULT_PRIORS) -> pm.Model:
    r"""Build the joint model of who prefers what.

    Judgment :math:`n` of annotator :math:`j` on item :math:`i` with systems a, b has

    .. math::
        \eta_n &= \alpha_j q_i + \beta_j x_n + \gamma_j d_n + \omega_j f_n, \qquad
        q_i \sim N(\theta_a - \theta_b, \tau) \\
        P(l < y \le u) &= (1 - \epsilon_g) (\sigma(\eta - \kappa_j c_l) - \sigma(\eta - \kappa_j c_u)) + \epsilon_g m

    with strength :math:`\theta` (zero-sum normal in each connected component), quality :math:`q` of an item (its
    systems' difference plus the item's own effect), signed discrimination :math:`\alpha_j = \mu_g + s_g t_4` whose
    human mean is 1, bias of position, length and self-preference :math:`\beta_j, \gamma_j, \omega_j` and tie width
    :math:`\kappa_j`, each with mean and sd of the annotator's group g (human, judge) and an offset of its subgroup
    (stakeholder group, model family). The cuts c are symmetric, those of the tie at 1 and -1, those of graded
    strength beyond; at the group's lapse rate :math:`\epsilon_g` an answer is one of the menu at random, m its share.
    Every term is antisymmetric in a and b.

    Parameters
    ----------
    data
        The judgments of one criterion.
    priors
        Scales of every prior.

    References
    ----------
    Rao and Kupper 1967 (ties), doi:10.1080/01621459.1967.10482901; Bradley and Terry 1952, doi:10.2307/2334029.
    """
    zero_sum = ZeroSum.of(data.system_component)
    coords = data.coords() | {"contrast": [data.systems[k] for k in zero_sum.free], "scales": _scale_names(data)}
    with pm.Model(coords=coords) as model:
        scale, sd = _scales(data, priors)
        annotator = _annotators(data, priors, sd)
        contrast = pm.Normal("strength_contrast", 0.0, scale[0], dims="contrast")
        strength = pm.Deterministic("strength", zero_sum.strengths_graph(contrast), dims="system")
        gap = strength[data.item_system_a] - strength[data.item_system_b]
        quality = pm.Normal("quality", gap, scale[1], dims="item")
        lapse = _lapse(data, priors)[data.annotator_group]
        pm.Potential("judgments", loglik(data, quality, annotator, _cuts(data), lapse))
    return model


def _scale_names(data: ComparisonData) -> list[str]:
    used = data.used_parameters()
    by_group = [f"{PARAMETERS[p]}[{data.groups[g]}]" for g, p in np.argwhere(used)]
    return ["strength", "item", *by_group]


def _scales(data: ComparisonData, priors: ComparisonPriors) -> tuple[Any, Any]:
    """Declare the sds of strengths and items, and of each group's parameters, shape (groups, parameters)."""
    used = data.used_parameters()
    size = np.concatenate([[priors.strength_sd, priors.item_sd], np.tile(priors.table("sd"), (len(used), 1))[used]])
    scale = pm.TruncatedNormal("scale", mu=0.0, sigma=size, lower=priors.floor, dims="scales")
    return scale, pt.set_subtensor(pt.ones(used.shape)[np.nonzero(used)], scale[2:])


def _annotators(data: ComparisonData, priors: ComparisonPriors, sd: Any) -> Any:
    """Declare every annotator's parameters, shape (annotators, parameters); those nothing speaks of are 0."""
    used, group, subgroup = data.used_parameters(), data.annotator_group, data.annotator_subgroup
    parent = design_of(data, priors).subgroup_group
    columns = []
    for p, name in enumerate(PARAMETERS):
        mean = _means(name, priors, used[:, p])
        member = np.flatnonzero(used[group, p])
        mu, sigma = mean[group[member]], sd[group[member], p]
        if data.subgroups:
            mu = mu + priors.subgroup_share * sigma * _offsets(name, used[parent, p])[subgroup[member]]
        if p == 0:
            value = pm.StudentT(name, nu=priors.tail, mu=mu, sigma=sigma, shape=member.size)
        else:
            value = pm.Normal(name, mu, sigma, shape=member.size)
        columns.append(pt.set_subtensor(pt.zeros(group.size)[member], value))
    return pt.stack(columns, axis=1)


def _offsets(name: str, used: Any) -> Any:
    """Declare how a subgroup differs from its group, in its share of the group's sd; the last entry, 0, is of none."""
    free = np.flatnonzero(used)
    offset = pm.Normal(f"{name}_offset", 0.0, 1.0, shape=free.size)
    return pt.set_subtensor(pt.zeros(used.size + 1)[free], offset)


def _means(name: str, priors: ComparisonPriors, used: Any) -> Any:
    """Declare a parameter's mean in each group; the first group discriminates with 1."""
    prior = getattr(priors, name)
    free = np.flatnonzero(used)
    fixed = np.zeros(used.size)
    if name == "discrimination":
        free, fixed[0] = free[1:], 1.0
    mean = pm.Normal(f"{name}_mean", prior.mean, prior.mean_sd, shape=free.size)
    return pt.set_subtensor(pt.as_tensor(fixed)[free], mean)


def _cuts(data: ComparisonData) -> Any:
    """Declare the cuts of graded strength beyond the tie's, shape (2 levels + 2), infinite at both ends."""
    step = pm.Normal("log_cut_step", 0.0, 1.0, shape=data.levels - 1)
    upper = pt.concatenate([[1.0], 1.0 + pt.cumsum(pt.exp(step))])
    return pt.concatenate([[-np.inf], -upper[::-1], upper, [np.inf]])


def _lapse(data: ComparisonData, priors: ComparisonPriors) -> Any:
    """Declare the share of answers at random in each group: people's, judges' is fixed."""
    is_human = np.array([group == "human" for group in data.groups])
    if priors.lapse is not None:
        return pt.as_tensor(priors.lapse * is_human)
    people = np.flatnonzero(is_human)
    odds = pm.Normal("log_odds_of_lapse", priors.lapse_mean, priors.lapse_sd, shape=people.size)
    return pt.set_subtensor(pt.zeros(len(data.groups))[people], pt.sigmoid(odds))


def loglik(data: ComparisonData, quality: Any, annotator: Any, cut: Any, lapse: Any) -> Any:
    """Give the log-likelihood in plain PyTensor: the definition of what ``kernel`` computes.

    Parameters
    ----------
    quality
        Difference between a and b of each item, shape (items,).
    annotator
        Discrimination, slope on each covariate and log tie width of each annotator, shape (annotators, parameters).
    cut
        Cuts in units of the tie width, shape (2 levels + 2,).
    lapse
        Lapse rate of each annotator, shape (annotators,).
    """
    rows = rows_of(data)
    own = annotator[data.annotator]
    eta = own[:, 0] * quality[data.item] + (own[:, 1:-1] * data.covariates).sum(axis=1)
    kappa = pt.exp(own[:, -1])
    above, below = rows.lower[data.category], rows.upper[data.category]
    p = pt.sigmoid(eta - kappa * cut[above]) - pt.sigmoid(eta - kappa * cut[below])
    rate = lapse[data.annotator]
    return pt.log((1.0 - rate) * p + rate * rows.share[data.category]).sum()
