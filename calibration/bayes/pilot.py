"""Better coordinates from the draws of a short first run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from calibration.bayes import prefit
from calibration.bayes.coordinates import Coordinates, Pull
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.priors import PARAMETERS

Draws = Mapping[str, FloatArray]


def refined(first: Coordinates, data: ComparisonData, draws: Draws) -> Coordinates:
    """Replace every pull by one matching mean and variance of the draws, flattened to (draws, ...).

    A point fit of thousands of item effects overstates discrimination and its precision; a few hundred draws know
    both.
    """
    alpha = draws["discrimination"]
    rough = alpha / np.exp(draws["log_panel_scale"])
    weight = prefit.panel_weight(1.0 / rough.var(axis=0))
    unit = np.sqrt(alpha**2 @ weight)
    annotator, mu, sigma = _annotators(draws, data, unit)
    quality = (draws["quality"] * unit[:, None]).mean(axis=0)
    contrast = draws["strength_contrast"] * unit[:, None]
    return replace(
        first,
        annotator=_pull(annotator, mu, sigma),
        row=prefit.row_pull(data, quality, annotator.mean(axis=0)),
        strength_contrast=_pull(contrast, np.zeros((1, 1)), (draws["scale"][:, 0] * unit)[:, None]),
        panel_weight=weight,
    )


def _annotators(draws: Draws, data: ComparisonData, unit: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give each annotator's parameters and their prior's location and scale, discrimination in units of the panel."""
    shape = (unit.size, len(data.groups), len(PARAMETERS))
    mean = np.concatenate([np.ones((unit.size, 1)), draws["group_mean"]], axis=1).reshape(shape)
    sd = draws["scale"][:, 2:].reshape(shape)
    value = np.concatenate([draws["discrimination"][:, :, None], draws["habit"]], axis=2)
    by = np.ones((unit.size, 1, len(PARAMETERS)))
    by[:, 0, 0] = 1.0 / unit
    group = data.annotator_group
    return value * by, mean[:, group] * by, sd[:, group] * by


def _pull(value: FloatArray, mu: FloatArray, sigma: FloatArray) -> Pull:
    """Match mean and variance of the draws; the mean of sigma^2, unlike that of its inverse, knows no funnel."""
    prior_variance = (sigma**2).mean(axis=0)
    precision = 1.0 / value.var(axis=0) - 1.0 / prior_variance
    return Pull.without_prior(precision, value.mean(axis=0), mu.mean(axis=0), np.sqrt(prior_variance))
