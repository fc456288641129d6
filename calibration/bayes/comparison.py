"""The model of paired comparisons by people and judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes import likelihood
from calibration.bayes.coordinates import Coordinates, Pull, latent, scale
from calibration.bayes.data import ComparisonData
from calibration.bayes.priors import ComparisonPriors, GroupPrior
from calibration.bayes.zero_sum import ZeroSum

Likelihood = Callable[[ComparisonData, Any, Any, Any, Any], Any]


def build_comparison_model(
    data: ComparisonData,
    priors: ComparisonPriors = ComparisonPriors(),
    coords=None,
    loglik: Likelihood = likelihood.fused,
) -> pm.Model:
    zero_sum = ZeroSum.of(data.system_component)
    with pm.Model(coords=data.coords()| {"contrast": [data.systems[k] for k in zero_sum.free]}) as model:
        log_c = pm.Flat("panel_scale")
        c = pt.exp(log_c)
        g = data.annotator_group
        sd = _scale("discrimination_sd", priors.discrimination.sd, priors, dims="group", unit=c)
        mean = _mean("discrimination", data, priors.discrimination, sd, coords.discrimination, fixed=1.0, unit=c)
        discrimination = latent("discrimination", pm.StudentT.dist(nu=priors.tail, mu=mean[g], sigma=sd[g]), mean[g], sd[g], coords.discrimination, "annotator", unit=c)
        rho2 = pt.dot(coords.panel_weight, discrimination**2)
        pm.Potential("panel_prior", pm.logp(pm.Normal.dist(0.5 * pt.log(rho2), coords.panel_blur), log_c))
        strength_scale = _scale("strength_scale", priors.strength_scale, priors, unit=1/c)
        contrast = latent("strength_contrast", pm.Normal.dist(0, strength_scale), 0.0, strength_scale, coords.strength, "contrast", unit=1/c)
        strength = pm.Deterministic("strength", zero_sum.strengths_graph(contrast), dims="system")
        item_scale = _scale("item_scale", priors.item_scale, priors, unit=1/c)
        gap = strength[data.item_system_a] - strength[data.item_system_b]
        quality = latent("quality", pm.Normal.dist(gap, item_scale), gap, item_scale, coords.quality, "item", unit=1/c)
        bias = _normal("bias", data, priors, priors.bias, coords.bias, ("covariate",))
        log_tie_width = _normal("log_tie_width", data, priors, priors.log_tie_width, coords.log_tie_width)
        pm.Potential("judgments", loglik(data, quality, discrimination, bias, log_tie_width))
    return model

def _normal(name, data, priors, prior, pull, extra=()):
    sd = _scale(f"{name}_sd", prior.sd, priors, dims=("group", *extra))
    mean = _mean(name, data, prior, sd, pull, extra)
    g = data.annotator_group
    return latent(name, pm.Normal.dist(mean[g], sd[g]), mean[g], sd[g], pull, ("annotator", *extra))

def _mean(name, data, prior, sd, pull, extra=(), fixed=None, unit=1.0):
    member = (data.annotator_group[None, :] == np.arange(len(data.groups))[:, None]).astype(float)
    first = 0 if fixed is None else 1
    if first == len(data.groups):
        return pt.as_tensor(np.full(len(data.groups), fixed))
    discount = 1 / (1 + pull.precision * (sd[data.annotator_group] / unit) ** 2)
    p = Pull(pt.dot(member[first:], pull.precision * discount), pt.dot(member[first:], pull.weighted * discount))
    dims = ("group" if fixed is None else "judged", *extra)
    if fixed is not None:
        pm.modelcontext(None).add_coord("judged", data.groups[first:])
    m = latent(f"{name}_mean", pm.Normal.dist(prior.mean, prior.mean_sd), prior.mean, prior.mean_sd, p, dims, unit)
    return m if fixed is None else pt.concatenate([[fixed], m])

def _scale(name: str, sd: float, priors: ComparisonPriors, dims: Any = None, unit: Any = 1.0) -> Any:
    return scale(name, sd, priors.floor, dims, unit)
