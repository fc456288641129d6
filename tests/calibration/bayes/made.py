"""Fits made without sampling: draws of the right shapes from a generator."""

import numpy as np

from calibration.bayes.data import ComparisonData
from calibration.bayes.diagnostics import Diagnostics
from calibration.bayes.priors import PARAMETERS
from calibration.bayes.sampling import Fit
from calibration.bayes.zero_sum import ZeroSum


def fit(data: ComparisonData, *, seed: int = 0, chains: int = 2, draws: int = 100, passed: bool = True, **_) -> Fit:
    """Return a fit whose posterior is a narrow prior; equal data and seed give equal draws."""
    rng, shape = np.random.default_rng(seed), (chains, draws)
    groups, annotators, used = len(data.groups), len(data.annotators), data.used_parameters()
    zero_sum = ZeroSum.of(data.system_component)
    contrast = rng.normal(0.0, 1.0, (*shape, zero_sum.free.size))
    strength = np.apply_along_axis(zero_sum.strengths, 2, contrast)
    gap = strength[:, :, data.item_system_a] - strength[:, :, data.item_system_b]
    sd = rng.uniform(0.2, 0.5, (*shape, groups, len(PARAMETERS)))
    mean = rng.normal(0.0, 0.3, (*shape, groups, len(PARAMETERS))) * used
    mean[:, :, 0, 0] = 1.0
    own = rng.normal(0.0, 0.3, (*shape, annotators, len(PARAMETERS))) * used[data.annotator_group]
    own += mean[:, :, data.annotator_group]
    scale = np.concatenate([rng.uniform(0.8, 1.2, (*shape, 2)), sd.reshape(*shape, -1)], axis=2)
    found = {
        "scale": scale,
        "group_mean": mean.reshape(*shape, -1)[:, :, 1:],
        "discrimination": own[..., 0],
        "habit": own[..., 1:],
        "strength": strength,
        "quality": gap + 0.5 * rng.standard_normal(gap.shape),
        "lapse": rng.uniform(0.0, 0.1, (*shape, groups)),
    }
    if data.subgroups:
        found["offset"] = rng.normal(0.0, 0.5, (*shape, len(data.subgroups), len(PARAMETERS)))
    reasons = () if passed else ("R-hat is 2.000, the bar is 1.01",)
    verdict = Diagnostics(passed, reasons, 1.0, 500.0, 500.0, 0, 0, 1.0, 10)
    return Fit(data, found, verdict, chains, 10, draws, seed, 1, 0.0, {})
