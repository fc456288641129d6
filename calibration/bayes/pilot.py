"""Better coordinates from the draws of a short first run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from calibration.bayes import prefit
from calibration.bayes.coordinates import Coordinates, Pull
from calibration.bayes.data import ComparisonData, FloatArray

Draws = Mapping[str, FloatArray]


def refined(first: Coordinates, data: ComparisonData, draws: Draws) -> Coordinates:
    """Replace every pull by one matching the mean and variance of the draws, flattened to (draws, ...).

    The point fit of thousands of item effects overstates discrimination and its precision; a few hundred draws
    know both.
    """
    unit = np.exp(draws["log_panel_scale"])[:, None]
    weight = prefit.panel_weight(1.0 / (draws["discrimination"] / unit).var(axis=0))
    unit = np.sqrt(draws["discrimination"]**2 @ weight)[:, None]
    own = np.column_stack([(draws["discrimination"] / unit).mean(axis=0), draws["bias"].mean(axis=0), draws["log_tie_width"].mean(axis=0)])
    at = prefit.PointFit(None, None, (draws["quality"] * unit).mean(axis=0), own)
    group = data.annotator_group
    alpha_mean = np.concatenate([np.ones((unit.size, 1)), draws.get("discrimination_mean", np.empty((unit.size, 0)))], axis=1)
    return replace(
        first,
        discrimination=_pull(draws["discrimination"] / unit, alpha_mean[:, group] / unit, draws["discrimination_sd"][:, group] / unit),
        bias=_pull(draws["bias"], draws["bias_mean"][:, group], draws["bias_sd"][:, group]),
        log_tie_width=_pull(draws["log_tie_width"], draws["log_tie_width_mean"][:, group], draws["log_tie_width_sd"][:, group]),
        strength_contrast=_pull(draws["strength_contrast"] * unit, 0.0 * unit, draws["strength_sd"][:, None] * unit),
        rows=prefit.row_pull(data, at),
        panel_weight=weight,
    )


def _pull(value: FloatArray, mu: FloatArray, sigma: FloatArray) -> Pull:
    """Match mean and variance of the draws; the mean of sigma^2, unlike that of its inverse, knows no funnel."""
    prior_variance = (sigma**2).mean(axis=0)
    precision = 1.0 / value.var(axis=0) - 1.0 / prior_variance
    return Pull.without_prior(precision, value.mean(axis=0), mu.mean(axis=0), np.sqrt(prior_variance))
