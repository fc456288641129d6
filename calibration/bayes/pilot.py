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


def refined(first: Coordinates, data: ComparisonData, draws: Draws, nu: float = 4.0) -> Coordinates:
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
    share, curvature = _student_t((annotator - mu) / sigma, nu)
    pull = _pull(annotator, mu, sigma, share, curvature)
    return replace(
        first,
        annotator=pull,
        tail=prefit.tail(pull.precision, share, share / (sigma**2).mean(axis=0)),
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


def _student_t(z: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Give the pull and the curvature of the priors where the draws are, as shares of a normal's: shape (A, P).

    Discrimination has a Student-t prior: in its tail it pulls less than a normal and curves the other way.
    """
    square = z[:, :, 0] ** 2
    share, curvature = np.ones(z.shape[1:]), np.ones(z.shape[1:])
    share[:, 0] = ((tail + 1.0) / (tail + square)).mean(axis=0)
    curvature[:, 0] = ((tail + 1.0) * (tail - square) / (tail + square) ** 2).mean(axis=0)
    return share, curvature


def _pull(
    value: FloatArray,
    mu: FloatArray,
    sigma: FloatArray,
    share: FloatArray | float = 1.0,
    curvature: FloatArray | float = 1.0,
) -> Pull:
    """Match mean and variance of the draws; the mean of sigma^2, unlike that of its inverse, knows no funnel."""
    prior_variance = (sigma**2).mean(axis=0)
    precision = 1.0 / value.var(axis=0) - curvature / prior_variance
    return Pull.without_prior(precision, value.mean(axis=0), mu.mean(axis=0), np.sqrt(prior_variance / share))
