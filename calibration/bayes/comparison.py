"""The model of paired comparisons by people and judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes import coordinates as coordinate
from calibration.bayes import likelihood
from calibration.bayes.coordinates import Coordinates, Pull
from calibration.bayes.data import ComparisonData
from calibration.bayes.priors import ComparisonPriors, GroupPrior
from calibration.bayes.zero_sum import ZeroSum

Likelihood = Callable[[ComparisonData, Any, Any, Any, Any], Any]
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
    with pm.Model(coords=data.coords() | {"contrast": [data.systems[k] for k in zero_sum.free]}) as model:
        declared = None if coordinates is None else coordinates.declared()
        a, b = pm.Data("item_system_a", data.item_system_a), pm.Data("item_system_b", data.item_system_b)
        unit = coordinate.panel_scale(declared)
        discrimination = _by_annotator(
            "discrimination", data, priors, declared, unit=unit, tail=priors.tail, reference=1.0
        )
        coordinate.tie_panel_scale(unit, discrimination, declared)
        strength_sd = _scale("strength_sd", priors.strength_sd, priors, declared, unit=1.0 / unit)
        contrast = coordinate.latent(
            "strength_contrast", 0.0, strength_sd, "contrast", _pull(declared, "strength_contrast"), 1.0 / unit
        )
        strength = pm.Deterministic("strength", zero_sum.strengths_graph(contrast), dims="system")
        item_sd = _scale("item_sd", priors.item_sd, priors, declared, unit=1.0 / unit)
        gap = strength[a] - strength[b]
        pull = None if declared is None else coordinate.quality_pull(declared.rows, discrimination, pm.Data("row_annotator", data.annotator), pm.Data("row_item", data.item), len(data.items), unit)
        quality = coordinate.latent("quality", gap, item_sd, "item", pull, 1.0 / unit)
        bias = _by_annotator("bias", data, priors, declared, extra=("covariate",))
        log_tie_width = _by_annotator("log_tie_width", data, priors, declared)
        pm.Potential("judgments", loglik(data, quality, discrimination, bias, log_tie_width))
    return model


def _by_annotator(
    name: str,
    data: ComparisonData,
    priors: ComparisonPriors,
    declared: Coordinates | None,
    *,
    extra: tuple[str, ...] = (),
    unit: Any = 1.0,
    tail: float | None = None,
    reference: float | None = None,
) -> Any:
    """Declare a parameter of every annotator with mean and sd of the group; a reference fixes the first mean."""
    prior: GroupPrior = getattr(priors, name)
    group = pm.Data(f"{name}_group", data.annotator_group)
    sd = _scale(f"{name}_sd", prior.sd, priors, declared, ("group", *extra), unit)
    pull = _pull(declared, name)
    mean = _group_mean(name, data, prior, sd, pull, group, extra, unit, reference)
    return coordinate.latent(name, mean[group], sd[group], ("annotator", *extra), pull, unit, tail)


def _group_mean(
    name: str,
    data: ComparisonData,
    prior: GroupPrior,
    sd: Any,
    pull: Pull | None,
    group: Any,
    extra: tuple[str, ...],
    unit: Any,
    reference: float | None,
) -> Any:
    free = list(data.groups)[0 if reference is None else 1 :]
    if not free:
        return pt.as_tensor_variable(np.array([reference]))
    if pull is not None:
        member = pt.eq(group[None, :], np.arange(len(data.groups))[-len(free) :, None])
        pull = coordinate.mean_pull(pull, sd[group], unit, pt.cast(member, "float64"))
    dims = ("group" if reference is None else "free_group", *extra)
    pm.modelcontext(None).add_coord("free_group", list(data.groups)[1:])
    mean = coordinate.latent(f"{name}_mean", prior.mean, prior.mean_sd, dims, pull, unit)
    return mean if reference is None else pt.concatenate([[reference], mean])


def _scale(
    name: str, sd: float, priors: ComparisonPriors, declared: Coordinates | None, dims: Any = None, unit: Any = 1.0
) -> Any:
    return coordinate.scale(name, sd, priors.floor, dims, declared is not None, unit)


def _pull(declared: Coordinates | None, block: str) -> Pull | None:
    return None if declared is None else getattr(declared, block)
