"""The model of paired comparisons by people and judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes import likelihood
from calibration.bayes.data import ComparisonData
from calibration.bayes.priors import ComparisonPriors, GroupPrior

Likelihood = Callable[[ComparisonData, Any, Any, Any, Any], Any]


def build_comparison_model(
    data: ComparisonData,
    priors: ComparisonPriors = ComparisonPriors(),
    loglik: Likelihood = likelihood.fused,
) -> pm.Model:
    with pm.Model(coords=data.coords()) as model:
        strength = _strength(data, priors)
        item_scale = _scale("item_scale", priors.item_scale, priors)
        item_effect = pm.Normal("item_effect", dims="item")
        quality = strength[data.item_system_a] - strength[data.item_system_b] + item_scale * item_effect
        discrimination = _discrimination(data, priors)
        bias = _by_annotator("bias", data, priors, priors.bias, ("covariate",))
        log_tie_width = _by_annotator("log_tie_width", data, priors, priors.log_tie_width)
        pm.Potential("judgments", loglik(data, quality, discrimination, bias, log_tie_width))
    return model


def _strength(data: ComparisonData, priors: ComparisonPriors) -> Any:
    # centering independent normals within each component is the zero-sum normal, for any graph
    scale = _scale("strength_scale", priors.strength_scale, priors)
    raw = pm.Normal("strength_raw", dims="system")
    member = np.eye(data.n_components)[data.system_component]
    centered = raw - pt.dot(member, pt.dot((member / member.sum(axis=0)).T, raw))
    return pm.Deterministic("strength", scale * centered, dims="system")


def _discrimination(data: ComparisonData, priors: ComparisonPriors) -> Any:
    prior = priors.discrimination
    free = pm.Normal("discrimination_mean_raw", dims="group")
    is_reference = np.arange(len(data.groups)) == data.reference_group
    mean = pm.Deterministic(
        "discrimination_mean", pt.where(is_reference, 1.0, prior.mean + prior.mean_sd * free), dims="group"
    )
    sd = _scale("discrimination_sd", prior.sd, priors, dims="group")
    raw = pm.StudentT("discrimination_raw", nu=priors.tail, dims="annotator")
    group = data.annotator_group
    return pm.Deterministic("discrimination", mean[group] + sd[group] * raw, dims="annotator")


def _by_annotator(
    name: str, data: ComparisonData, priors: ComparisonPriors, prior: GroupPrior, extra: tuple[str, ...] = ()
) -> Any:
    mean = pm.Normal(f"{name}_mean", prior.mean, prior.mean_sd, dims=("group", *extra))
    sd = _scale(f"{name}_sd", prior.sd, priors, dims=("group", *extra))
    raw = pm.Normal(f"{name}_raw", dims=("annotator", *extra))
    group = data.annotator_group
    return pm.Deterministic(name, mean[group] + sd[group] * raw, dims=("annotator", *extra))


def _scale(name: str, sd: float, priors: ComparisonPriors, dims: Any = None) -> Any:
    return pm.TruncatedNormal(name, mu=0.0, sigma=sd, lower=priors.floor, dims=dims)
