"""Diagnostics of a fit as plain values: the gate, the weights, the floor, warnings and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from calibration.bayes.labeling import cautions
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.gold import Calibration, Gold
from calibration.bayes.labeling.items import HEAVY, ties
from calibration.bayes.labeling.sampling import ModelFit
from calibration.bayes.labeling.weights import Weighting


def diagnostics(
    data: LabelData,
    weighting: Weighting,
    fits: Mapping[str, ModelFit],
    q: FloatArray,
    gold: Gold,
    calibration: Calibration,
) -> dict[str, Any]:
    """Gather what is stored with a fit and shown beside it.

    ``models`` gives each model's weight, score difference D and verdict; models of weight below .05 do not decide
    ``passed``. ``gate_t`` is the soft gate, ``spread`` the soft full model's a (near 0: Dawid-Skene is adequate).
    """
    named = {key: fit.q.argmax(axis=1).astype(np.int32) for key, fit in fits.items()}
    reasons = _reasons(weighting, fits)
    return {
        "state": "not converged" if reasons else "converged",
        "passed": not reasons,
        "reasons": reasons,
        "models": _models(weighting, fits),
        "gate_t": weighting.gate,
        "p_coin": weighting.p_coin,
        "judgments_per_item": weighting.judgments_per_item,
        "spread": fits["SH"].spread if "SH" in fits else fits["SC"].spread,
        "floor": _floor(calibration, gold),
        "warnings": cautions.warnings(data, weighting, named),
        "send_to_gold": cautions.to_gold(data, q, named),
        "tied_items": [str(name) for name in data.items[ties(q)]],
    } | _sizes(data)


def _reasons(weighting: Weighting, fits: Mapping[str, ModelFit]) -> list[str]:
    heavy = [key for key in fits if weighting.weight[key] >= HEAVY]
    return [f"{key}: {reason}" for key in heavy for reason in fits[key].verdict.reasons]


def _models(weighting: Weighting, fits: Mapping[str, ModelFit]) -> dict[str, dict[str, Any]]:
    return {
        key: {"weight": weighting.weight[key], "difference": weighting.difference[key]} | fit.verdict.as_dict()
        for key, fit in fits.items()
    }


def _floor(calibration: Calibration, gold: Gold) -> dict[str, Any]:
    return {
        "kind": calibration.sentence(),
        "floor": calibration.floor,
        "power": calibration.power,
        "n_gold": calibration.n_gold,
        "n_gold_unjudged": gold.n_unjudged,
    }


def _sizes(data: LabelData) -> dict[str, Any]:
    n_items, n_annotators, n_labels = data.shape
    return {
        "criterion": data.criterion,
        "n_judgments": data.n_judgments,
        "n_replaced": data.n_replaced,
        "n_items": n_items,
        "n_annotators": n_annotators,
        "n_labels": n_labels,
        "n_items_without_system": int((data.item_system < 0).sum()),
        "versions": {name: version(name) for name in ("numpy", "numba")},
    }
