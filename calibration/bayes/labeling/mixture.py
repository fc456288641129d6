"""Draws of the pooled posterior: each model's draws in proportion to its weight."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calibration.bayes.labeling.data import FloatArray

LOW, HIGH = 0.05, 0.95


def mixed(draws: Mapping[str, FloatArray], weight: Mapping[str, float], n: int) -> FloatArray:
    """Take about n draws, evenly spaced within each model; draws of a heavy model repeat."""
    parts = []
    for key, values in draws.items():
        size = round(n * weight[key])
        parts.append(values[np.linspace(0, len(values) - 1, size).round().astype(int)] if size else values[:0])
    return np.concatenate(parts)


def mean(values: Mapping[str, FloatArray], weight: Mapping[str, float]) -> FloatArray:
    """Average the models' values by weight."""
    return np.asarray(sum(weight[key] * value for key, value in values.items()))


def interval(name: str, draws: FloatArray) -> dict[str, FloatArray]:
    """Give mean and equal-tailed 90% interval of draws, as columns."""
    low, high = np.quantile(draws, [LOW, HIGH], axis=0)
    return {name: draws.mean(axis=0), f"{name}_low": low, f"{name}_high": high}
