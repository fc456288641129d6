"""The full models in PyMC's own words: the sampler's oracle, and a second opinion on small sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes.labeling.data import LabelData

EDGE = 1e-3


def build_soft_model(data: LabelData) -> pm.Model:
    r"""Build the soft full model (SH): no discrete latent is left.

    .. math::
        x_i \sim Dirichlet(a \pi), \quad \theta_{jk\cdot} \sim Dirichlet(\kappa_j base_{jk}), \quad
        P(y_n = y) = \sum_k x_{ik} \theta_{jky}

    The posterior mean of ``reading`` (x) is the class probability. Dirichlet weights get .001 added, without which
    the gradient overflows at the simplex' edge.
    """
    with pm.Model(coords=_coords(data)) as model:
        confusion = _confusion(data)
        share = pm.Dirichlet("share", np.ones(len(data.labels)), dims="truth")
        spread = pm.Gamma("spread", 1.0, 0.5)
        reading = pm.Dirichlet("reading", spread * share + EDGE, dims=("item", "truth"))
        said = confusion[data.annotator, :, data.label]
        pm.Potential("judgments", pt.log((reading[data.item()] * said).sum(axis=1)).sum())
    return model


def build_clean_model(data: LabelData) -> pm.Model:
    r"""Build the clean full model (H), the classes summed out: hierarchical Dawid-Skene.

    .. math::
        \log P(y_i) = \mathrm{logsumexp}_k (\log \pi_k + \sum_{n \in i} \log \theta_{j k y_n})

    The posterior mean of ``reading``, each item's conditional class probabilities, is the class probability.
    """
    with pm.Model(coords=_coords(data)) as model:
        confusion = _confusion(data)
        share = pm.Dirichlet("share", np.ones(len(data.labels)), dims="truth")
        said = pt.log(confusion[data.annotator, :, data.label])
        by_item = pt.inc_subtensor(pt.zeros((len(data.items), len(data.labels)))[data.item()], said)
        joint = pt.log(share) + by_item
        total = pt.logsumexp(joint, axis=1, keepdims=True)
        pm.Deterministic("reading", pt.exp(joint - total), dims=("item", "truth"))
        pm.Potential("judgments", total.sum())
    return model


def _coords(data: LabelData) -> dict[str, Any]:
    return {
        "item": np.arange(len(data.items)),
        "annotator": np.arange(len(data.annotators)),
        "group": list(data.groups),
        "truth": list(data.labels),
        "label": list(data.labels),
    }


def _confusion(data: LabelData) -> Any:
    """Declare every annotator's confusion matrix, shape (annotators, classes, labels)."""
    n_labels = len(data.labels)
    # A Beta(2, 2) mean has the density [m (1 - m)]^2 on the logit scale.
    mean = pm.Beta("group_mean", 2.0, 2.0, dims="group")
    size = pt.exp(pm.Normal("group_log_size", np.log(5.0), 1.0, dims="group"))
    group = data.annotator_group
    skill = pm.Beta("skill", (mean * size)[group], ((1.0 - mean) * size)[group], dims="annotator")
    error = pm.Dirichlet("error", np.ones(n_labels), dims=("truth", "label"), shape=(n_labels, n_labels))
    weights = np.full(n_labels, 1.0 / n_labels)
    favorite = pm.Dirichlet("favorite", weights, dims=("annotator", "label"), shape=(len(data.annotators), n_labels))
    shared = pm.Uniform("shared", 0.0, 1.0)
    rate = pm.Gamma("rate", 2.0, 20.0)
    concentration = pm.Exponential("concentration", rate, dims="annotator")
    lapse = shared * error[None, :, :] + (1.0 - shared) * favorite[:, None, :]
    base = skill[:, None, None] * np.eye(n_labels) + (1.0 - skill)[:, None, None] * lapse
    weight = concentration[:, None, None] * base + EDGE
    return pm.Dirichlet("confusion", weight, dims=("annotator", "truth", "label"))
