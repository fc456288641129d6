"""Better coordinates from the draws of a short first run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from calibration.bayes import blocks, prefit
from calibration.bayes.coordinates import Coordinates, Pull
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.priors import PARAMETERS, ComparisonPriors

Draws = Mapping[str, FloatArray]
# of the mean log tie width in the sharpness; how strengths grow with it. A short run knows both roughly.
SHARES, POWERS = (0.1, 0.95), (0.0, 1.5)


def refined(first: Coordinates, data: ComparisonData, draws: Draws, priors: ComparisonPriors) -> Coordinates:
    """Replace every pull by one matching mean and variance of the draws, flattened to (draws, ...).

    A point fit of thousands of item effects overstates discrimination and its precision; a few hundred draws know
    both.
    """
    alpha = draws["discrimination"]
    rough = alpha / np.exp(draws["log_panel_scale"])
    weight = prefit.panel_weight(1.0 / rough.var(axis=0))
    unit = np.sqrt(alpha**2 @ weight)[:, None]
    sharpness = _Sharpness.of(draws, data)
    sharp, grown = np.exp(sharpness.log), np.exp(sharpness.power * sharpness.log)
    inside = data.annotator_group == data.reference_group
    annotator, mu, sigma = _annotators(draws, data, np.where(inside, unit, unit / grown))
    share, curvature = _student_t((annotator - mu) / sigma, priors.tail)
    lean = _lean(annotator)
    aside = annotator.copy()
    aside[:, :, 1:] -= lean[:, 1:] * (_moved(annotator[:, :, :1]) - _moved(lean[:, :1]))
    aside[:, inside, -1] -= np.log(sharp)
    pull = _pull(aside, mu, sigma, share, curvature)
    to_unit = unit / grown
    return Coordinates(
        annotator=pull,
        lean=lean,
        tail=prefit.tail(pull.precision, share, share / (sigma**2).mean(axis=0)),
        row=prefit.row_pull(data, (draws["quality"] * to_unit).mean(axis=0), annotator.mean(axis=0)),
        strength_contrast=_pull(
            draws["strength_contrast"] * to_unit, np.zeros((1, 1)), draws["scale"][:, :1] * to_unit
        ),
        panel_weight=weight,
        panel_blur=first.panel_blur,
        **prefit.sharpness(
            data, sharpness.precision, annotator[:, :, -1].mean(axis=0), sharpness.share, sharpness.power
        ),
        lapse_lean=_lapse_lean(draws, data, np.log(sharp[:, 0])) / priors.lapse_sd,
    )


@dataclass(frozen=True, slots=True)
class _Sharpness:
    """Hold draws of the log sharpness about 0, shape (draws, 1), and how widths and strengths go with it."""

    log: FloatArray
    precision: FloatArray
    share: float
    power: float

    @classmethod
    def of(cls, draws: Draws, data: ComparisonData) -> Self:
        """Split the variance of the first group's mean log tie width into the members' own and the common part."""
        log_width = draws["habit"][:, :, -1]
        precision = 1.0 / log_width.var(axis=0)
        weight = np.where(data.annotator_group == data.reference_group, precision, 0.0)
        wide = log_width @ (weight / weight.sum())
        wide -= wide.mean()
        own = 1.0 / weight.sum()
        share = float(np.clip(1.0 - own / wide.var(), *SHARES))
        noise = np.sqrt(share * own) * np.random.default_rng(0).standard_normal(wide.size)
        grown = np.log(_along(draws["quality"])) + draws["log_panel_scale"][:, 0]
        power = float(np.clip(np.cov(grown, wide)[0, 1] / wide.var(), *POWERS))
        return cls((share * wide + noise)[:, None], precision, share, power)


def _along(value: FloatArray) -> FloatArray:
    """Project draws on their mean, shape (draws,), each element with its precision; at least a tenth of the mean's."""
    weight = value.mean(axis=0) / value.var(axis=0)
    along = value @ weight
    return np.maximum(along, 0.1 * along.mean())


def _annotators(draws: Draws, data: ComparisonData, unit: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give each annotator's parameters and their prior's location and scale, discrimination in its unit."""
    shape = (len(unit), len(data.groups), len(PARAMETERS))
    mean = np.concatenate([np.ones((len(unit), 1)), draws["group_mean"]], axis=1).reshape(shape)
    sd = draws["scale"][:, 2:].reshape(shape)
    value = np.concatenate([draws["discrimination"][:, :, None], draws["habit"]], axis=2)
    by = np.ones(value.shape)
    by[:, :, 0] = 1.0 / unit
    group, subgroup = data.annotator_group, data.annotator_subgroup
    mu = mean[:, group]
    if data.subgroups:
        mu = mu + np.where((subgroup >= 0)[:, None], draws["offset"][:, np.maximum(subgroup, 0)], 0.0)
    return value * by, mu * by, sd[:, group] * by


def _lean(annotator: FloatArray) -> FloatArray:
    """Regress each annotator's habits on the discrimination; the first column is where the line is hinged."""
    hinge = annotator[:, :, :1].mean(axis=0)
    by = _moved(annotator[:, :, :1]) - _moved(hinge)
    about = by - by.mean(axis=0)
    lean = (annotator[:, :, 1:] * about).mean(axis=0) / (about**2).mean(axis=0)
    return np.concatenate([hinge, lean], axis=1)


def _moved(sharp: FloatArray) -> FloatArray:
    """Give with what each habit moves (``blocks.moved``): the discrimination, for the log tie width its logarithm."""
    log = 0.5 * np.log(sharp**2 + blocks.BLUNT**2)
    return np.concatenate([np.repeat(sharp, len(PARAMETERS) - 2, axis=-1), log], axis=-1)


def _lapse_lean(draws: Draws, data: ComparisonData, log_sharp: FloatArray) -> float:
    """Regress the log-odds of people's lapses on their sharpness; 0 where lapses are no parameter."""
    rate = draws["lapse"][:, 0]
    if data.groups[0] != "human" or rate.std() == 0.0:
        return 0.0
    return float(np.cov(np.log(rate / (1.0 - rate)), log_sharp)[0, 1] / log_sharp.var())


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
    variance = value.var(axis=0)
    known = variance > 0
    precision = np.where(known, 1.0 / np.where(known, variance, 1.0) - curvature / prior_variance, 0.0)
    return Pull.without_prior(precision, value.mean(axis=0), mu.mean(axis=0), np.sqrt(prior_variance / share))
