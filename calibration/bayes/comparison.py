"""The model of paired comparisons by people and judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes import coordinates as coordinate
from calibration.bayes import likelihood
from calibration.bayes.coordinates import Coordinates
from calibration.bayes.data import ComparisonData
from calibration.bayes.priors import PARAMETERS, ComparisonPriors
from calibration.bayes.zero_sum import ZeroSum

Likelihood = Callable[[ComparisonData, Any, Any], Any]
DEFAULT_PRIORS = ComparisonPriors()


def build_comparison_model(
    data: ComparisonData,
    priors: ComparisonPriors = DEFAULT_PRIORS,
    *,
    coordinates: Coordinates | None = None,
    loglik: Likelihood = likelihood.fused,
) -> pm.Model:
    r"""Build the joint model of who prefers what.

    Judgment :math:`n` of annotator :math:`j` on item :math:`i` with systems a, b has

    .. math::
        \eta_n &= \alpha_j q_i + \beta_j x_n + \gamma_j d_n, \qquad
        q_i \sim N(\theta_a - \theta_b, \tau) \\
        P(a) &= \sigma(\eta - \kappa_j), \quad P(b) = \sigma(-\eta - \kappa_j), \quad
        P(tie) = \sigma(\eta + \kappa_j) - \sigma(\eta - \kappa_j)

    with strength :math:`\theta` (zero-sum normal in each connected component), quality :math:`q` of an item (its
    systems' difference plus the item's own effect), signed discrimination :math:`\alpha_j = \mu_g + s_g t_4` whose
    human mean is 1, position and length bias :math:`\beta_j, \gamma_j` and tie width :math:`\kappa_j`, each with mean
    and sd of the annotator's group g (human, judge). Every term is antisymmetric in a and b.

    Parameters
    ----------
    data
        The judgments.
    priors
        Scales of every prior.
    coordinates
        None gives the model in its own terms, for reading, prior draws and tests. Otherwise the same posterior in
        the sampler's coordinates.
    loglik
        ``likelihood.fused`` or ``likelihood.plain``: equal in value and gradient.

    References
    ----------
    Rao and Kupper 1967 (ties), doi:10.1080/01621459.1967.10482901; Papaspiliopoulos et al. 2007 (partial
    non-centering), doi:10.1214/088342307000000014.
    """
    zero_sum = ZeroSum.of(data.system_component)
    with pm.Model(coords=_coords(data, zero_sum)) as model:
        declared = None if coordinates is None else coordinates.declared()
        log_unit = coordinate.panel_scale(declared)
        scale = _scales(data, priors, log_unit, warped=declared is not None)
        annotator = _annotators(data, priors, scale[2:].reshape((len(data.groups), -1)), log_unit, declared)
        discrimination = annotator[:, 0]
        coordinate.tie_panel_scale(log_unit, discrimination, declared)
        pull = None if declared is None else declared.strength_contrast
        contrast = coordinate.normal("strength_contrast", 0.0, scale[:1], "contrast", pull, -log_unit)
        strength = pm.Deterministic("strength", zero_sum.strengths_graph(contrast), dims="system")
        a, b = pm.Data("item_system_a", data.item_system_a), pm.Data("item_system_b", data.item_system_b)
        pull = coordinate.quality_pull(data, discrimination, log_unit, declared)
        quality = coordinate.normal("quality", strength[a] - strength[b], scale[1:2], "item", pull, -log_unit)
        pm.Potential("judgments", loglik(data, quality, annotator))
    return model


def _coords(data: ComparisonData, zero_sum: ZeroSum) -> dict[str, Any]:
    by_group = [f"{parameter}[{group}]" for group in data.groups for parameter in PARAMETERS]
    return data.coords() | {
        "contrast": [data.systems[k] for k in zero_sum.free],
        "parameter": list(PARAMETERS),
        "habits": list(PARAMETERS[1:]),
        "scales": ["strength", "item", *by_group],
        "group_means": by_group[1:],
    }


def _scales(data: ComparisonData, priors: ComparisonPriors, log_unit: Any, *, warped: bool) -> Any:
    sd = np.concatenate([[priors.strength_sd, priors.item_sd], np.tile(priors.table("sd"), len(data.groups))])
    power = np.concatenate([[-1.0, -1.0], np.tile(_power(), len(data.groups))])
    return coordinate.scale("scale", sd, priors.floor, "scales", warped, log_unit * power)


def _annotators(
    data: ComparisonData, priors: ComparisonPriors, sd: Any, log_unit: Any, declared: Coordinates | None
) -> Any:
    """Declare every annotator's parameters, shape (annotators, parameters), around the means of the group."""
    group = pm.Data("annotator_group", data.annotator_group)
    member = pm.Data("group_member", np.eye(len(data.groups))[:, data.annotator_group])
    log_unit = log_unit * _power()
    pull = None if declared is None else declared.annotator
    mean = _group_means(data, priors, coordinate.mean_pull(pull, sd[group], log_unit, member, slice(1, None)), log_unit)
    mu, sigma = mean[group], sd[group]
    alpha = {"nu": priors.tail, "mu": mu[:, 0], "sigma": sigma[:, 0]}
    habit = {"mu": mu[:, 1:], "sigma": sigma[:, 1:]}
    if pull is None or declared is None:
        discrimination = pm.StudentT("discrimination", **alpha, dims="annotator")
        habits = pm.Normal("habit", **habit, dims=("annotator", "habits"))
        return pt.concatenate([discrimination[:, None], habits], axis=1)
    dims = ("annotator", "parameter")
    value, log_jacobian = coordinate.placed("annotator", mu, sigma, dims, pull, log_unit, declared.tail)
    pm.Potential("discrimination_prior", pm.logp(pm.StudentT.dist(**alpha), value[:, 0]).sum() + log_jacobian.sum())
    pm.Potential("habit_prior", pm.logp(pm.Normal.dist(**habit), value[:, 1:]).sum())
    pm.Deterministic("discrimination", value[:, 0], dims="annotator")
    pm.Deterministic("habit", value[:, 1:], dims=("annotator", "habits"))
    return value


def _group_means(data: ComparisonData, priors: ComparisonPriors, pull: Any, log_unit: Any) -> Any:
    """Declare the groups' means, shape (groups, parameters); the reference group discriminates with 1."""
    n_groups = len(data.groups)
    mean, sd = (np.tile(priors.table(field), n_groups)[1:] for field in ("mean", "mean_sd"))
    units = pt.tile(pt.as_tensor(log_unit), n_groups)[1:]
    free = coordinate.normal("group_mean", mean, sd, "group_means", pull, units)
    return pt.concatenate([[1.0], free]).reshape((n_groups, len(PARAMETERS)))


def _power() -> Any:
    """Give how each parameter scales with the panel: discriminations do, habits do not."""
    return np.eye(len(PARAMETERS))[0]
