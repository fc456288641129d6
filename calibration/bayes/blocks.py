"""The blocks of annotators in the sampler's coordinates, each forwards and backwards.

A block's ``back_`` adds the derivatives of the log density: to the gradient by its own coordinates, to the arrays
``d_...`` by what it stands on. A place of -1 in x marks a number that the judgments say nothing about; it is fixed.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numba
import numpy as np

from calibration.bayes.placed import gathered, normal, place, student, unplace

STRENGTH, ITEM, N_SCALES = 0, 1, 2
# x begins with the logarithms of the panel's scale and of its first group's sharpness
N_UNITS = 2
# below this discrimination an annotator's tie width moves no more with it
BLUNT = 0.3
jit = numba.njit(error_model="numpy", nogil=True)


@jit
def scales(x, design, pulls):
    """Place half-normal scales above their floor; those of strengths and items shrink when the panel's unit grows."""
    value, logp = np.ones(design.scale_at.size), 0.0
    for k in range(value.size):
        if design.scale_at[k] >= 0:
            log_excess = design.power[k, 0] * x[0] + design.power[k, 1] * pulls.sharp_power * x[1]
            log_excess += x[design.scale_at[k]]
            value[k] = design.floor + math.exp(log_excess)
            logp += log_excess - 0.5 * (value[k] / design.scale_sd[k]) ** 2
    return value, logp


@jit
def back_scales(x, scale, d_scale, d_unit, design, pulls, gradient):
    """Add the derivatives of the scales."""
    for k in range(scale.size):
        if design.scale_at[k] >= 0:
            excess = scale[k] - design.floor
            d = d_scale[k] * excess + 1.0 - scale[k] * excess / design.scale_sd[k] ** 2
            gradient[design.scale_at[k]] += d
            d_unit[0] += design.power[k, 0] * d
            d_unit[1] += design.power[k, 1] * pulls.sharp_power * d


@jit
def unit_of(x, g, p, pulls):
    """Return the unit of a parameter: the panel's scale for discriminations, none for habits.

    A group beside the first does not get sharper with it: it discriminates less when the qualities grow.
    """
    if p > 0:
        return 1.0
    return math.exp(x[0] if g == 0 else x[0] - pulls.sharp_power * x[1])


@jit
def units_of(x, n_groups, pulls):
    """Return the unit of each group's discriminations."""
    unit = np.empty(n_groups)
    for g in range(n_groups):
        unit[g] = unit_of(x, g, 0, pulls)
    return unit


@jit
def shift_of(x, g, p, n_parameters):
    """Return how far the log tie widths of the first group have grown with its sharpness."""
    return x[1] if g == 0 and p == n_parameters - 1 else 0.0


@jit
def moved(sharp, p, n_parameters):
    """Return with what a habit moves: biases with the discrimination, the log tie width with its logarithm."""
    return sharp if p < n_parameters - 1 else 0.5 * math.log(sharp * sharp + BLUNT * BLUNT)


@jit
def d_moved(sharp, p, n_parameters):
    """Return the derivative of ``moved``."""
    return 1.0 if p < n_parameters - 1 else sharp / (sharp * sharp + BLUNT * BLUNT)


@jit
def back_unit(d, g, p, pulls, d_unit):
    """Add the derivative by a unit."""
    if p == 0:
        d_unit[0] += d
        if g > 0:
            d_unit[1] -= pulls.sharp_power * d


@jit
def means(x, scale, design, pulls):
    """Place the means of each group, pulled by what its members say; the first group discriminates with 1."""
    n_groups, n_parameters = design.mean_at.shape
    value, pull, logp = np.zeros((n_groups, n_parameters)), np.zeros((n_groups, n_parameters, 2)), 0.0
    value[0, 0] = 1.0
    for j in range(design.group.size):
        g = design.group[j]
        for p in range(n_parameters):
            if design.mean_at[g, p] >= 0:
                ratio = (scale[N_SCALES + g * n_parameters + p] / unit_of(x, g, p, pulls)) ** 2
                discount = 1.0 / (1.0 + pulls.annotator.precision[j, p] * ratio)
                pull[g, p, 0] += pulls.annotator.precision[j, p] * discount
                weighted = pulls.annotator.weighted[j, p] + pulls.annotator.precision[j, p] * shift_of(
                    x, g, p, n_parameters
                )
                pull[g, p, 1] += weighted * discount
    for g in range(n_groups):
        for p in range(n_parameters):
            if design.mean_at[g, p] >= 0:
                center, sd = design.mean[p], design.mean_sd[p]
                value[g, p], jacobian = place(
                    x[design.mean_at[g, p]], center, sd, unit_of(x, g, p, pulls), pull[g, p, 0], pull[g, p, 1], 1.0, 0.0
                )
                logp += normal(value[g, p], center, sd)[0] + math.log(jacobian / sd)
    return value, pull, logp


@jit
def back_means(x, at, d_mean, d_scale, d_unit, design, pulls, gradient):
    """Add the derivatives of the means."""
    n_groups, n_parameters = design.mean_at.shape
    d_pull = np.zeros((n_groups, n_parameters, 2))
    for g in range(n_groups):
        for p in range(n_parameters):
            if design.mean_at[g, p] >= 0:
                center, sd, unit = design.mean[p], design.mean_sd[p], unit_of(x, g, p, pulls)
                d_value = d_mean[g, p] + normal(at.mean[g, p], center, sd)[1]
                pull = at.mean_pull[g, p]
                d = unplace(d_value, x[design.mean_at[g, p]], center, sd, unit, pull[0], pull[1], 1.0, 0.0)
                gradient[design.mean_at[g, p]] += d[0]
                d_pull[g, p, 0], d_pull[g, p, 1] = d[4], d[5]
                back_unit(d[3], g, p, pulls, d_unit)
    for j in range(design.group.size):
        g = design.group[j]
        for p in range(n_parameters):
            if design.mean_at[g, p] >= 0:
                k, unit = N_SCALES + g * n_parameters + p, unit_of(x, g, p, pulls)
                ratio = (at.scale[k] / unit) ** 2
                precision, discount = (
                    pulls.annotator.precision[j, p],
                    1.0 / (1.0 + pulls.annotator.precision[j, p] * ratio),
                )
                weighted = pulls.annotator.weighted[j, p] + precision * shift_of(x, g, p, n_parameters)
                d_ratio = -(d_pull[g, p, 0] * precision + d_pull[g, p, 1] * weighted) * precision * discount**2
                d_scale[k] += d_ratio * 2.0 * ratio / at.scale[k]
                back_unit(-d_ratio * 2.0 * ratio, g, p, pulls, d_unit)
                if g == 0 and p == n_parameters - 1:
                    d_unit[1] += d_pull[g, p, 1] * precision * discount


@jit
def annotators(x, scale, mean, design, pulls):
    """Place every annotator's parameters around the mean of the group, shifted by its subgroup's offset."""
    n_annotators, n_parameters = design.annotator_at.shape
    value, offset, logp = np.zeros((n_annotators, n_parameters)), np.zeros(design.offset_at.shape), 0.0
    for s in range(offset.shape[0]):
        for p in range(n_parameters):
            if design.offset_at[s, p] >= 0:
                z = x[design.offset_at[s, p]]
                sd = scale[N_SCALES + design.subgroup_group[s] * n_parameters + p]
                offset[s, p] = design.subgroup_share * sd * z
                logp -= 0.5 * z * z
    units, product = units_of(x, mean.shape[0], pulls), 1.0
    for j in range(n_annotators):
        g, s = design.group[j], design.subgroup[j]
        for p in range(n_parameters):
            if design.annotator_at[j, p] >= 0:
                unit = units[g] if p == 0 else 1.0
                mu = mean[g, p] + (offset[s, p] if s >= 0 else 0.0)
                sd = scale[N_SCALES + g * n_parameters + p]
                shift = shift_of(x, g, p, n_parameters)
                if p > 0:
                    sharp = value[j, 0] / units[g]
                    shift += pulls.lean[j, p] * (
                        moved(sharp, p, n_parameters) - moved(pulls.lean[j, 0], p, n_parameters)
                    )
                weighted = pulls.annotator.weighted[j, p] + pulls.annotator.precision[j, p] * shift
                value[j, p], jacobian = place(
                    x[design.annotator_at[j, p]], mu, sd, unit,
                    pulls.annotator.precision[j, p], weighted, pulls.tail.weight[j, p], pulls.tail.stretch[j, p],
                )  # fmt: skip
                density = student(value[j, p], mu, sd, design.tail) if p == 0 else normal(value[j, p], mu, sd)
                logp, product = gathered(logp + density[0], product * jacobian / sd)
    return value, offset, logp + math.log(product)


@jit
def back_annotators(x, at, d_annotator, d_scale, d_unit, design, pulls, gradient):
    """Add the derivatives of the annotators' parameters; return those by the means."""
    n_annotators, n_parameters = design.annotator_at.shape
    d_mean, d_offset = np.zeros_like(at.mean), np.zeros_like(at.offset)
    units = units_of(x, at.mean.shape[0], pulls)
    for j in range(n_annotators):
        g, s = design.group[j], design.subgroup[j]
        sharp = at.annotator[j, 0] / units[g]
        for p in range(n_parameters - 1, -1, -1):
            if design.annotator_at[j, p] >= 0:
                mu = at.mean[g, p] + (at.offset[s, p] if s >= 0 else 0.0)
                k, value = N_SCALES + g * n_parameters + p, at.annotator[j, p]
                sd = at.scale[k]
                density = student(value, mu, sd, design.tail) if p == 0 else normal(value, mu, sd)
                shift, lean = shift_of(x, g, p, n_parameters), pulls.lean[j, p] if p > 0 else 0.0
                shift += lean * (moved(sharp, p, n_parameters) - moved(pulls.lean[j, 0], p, n_parameters))
                weighted = pulls.annotator.weighted[j, p] + pulls.annotator.precision[j, p] * shift
                d = unplace(
                    d_annotator[j, p] + density[1], x[design.annotator_at[j, p]], mu, sd, units[g] if p == 0 else 1.0,
                    pulls.annotator.precision[j, p], weighted, pulls.tail.weight[j, p], pulls.tail.stretch[j, p],
                )  # fmt: skip
                d_shift = d[5] * pulls.annotator.precision[j, p]
                if g == 0 and p == n_parameters - 1:
                    d_unit[1] += d_shift
                d_sharp = d_shift * lean * d_moved(sharp, p, n_parameters)
                d_annotator[j, 0] += d_sharp / units[g]
                back_unit(-d_sharp * sharp, g, 0, pulls, d_unit)
                gradient[design.annotator_at[j, p]] += d[0]
                d_mean[g, p] += d[1] - density[1]
                d_scale[k] += d[2] + density[2]
                if s >= 0:
                    d_offset[s, p] += d[1] - density[1]
                back_unit(d[3], g, p, pulls, d_unit)
    for s in range(d_offset.shape[0]):
        for p in range(n_parameters):
            if design.offset_at[s, p] >= 0:
                k, z = N_SCALES + design.subgroup_group[s] * n_parameters + p, x[design.offset_at[s, p]]
                gradient[design.offset_at[s, p]] += d_offset[s, p] * design.subgroup_share * at.scale[k] - z
                d_scale[k] += d_offset[s, p] * design.subgroup_share * z
    return d_mean


@jit
def panel(x, annotator, pulls):
    """Let the panel's scale and sharpness follow its members, as auxiliary draws.

    They lie around the members' root mean square discrimination and the first group's mean log tie width. Integrated
    out, they leave the posterior as it is.
    """
    square = (pulls.panel_weight * annotator[:, 0] ** 2).sum()
    wide = (pulls.sharp_weight * (annotator[:, -1] - pulls.sharp_hinge)).sum()
    off_scale, off_sharp = x[0] - 0.5 * math.log(square), x[1] - pulls.sharp_share * wide
    return -0.5 * (off_scale / pulls.panel_blur) ** 2 - 0.5 * (off_sharp / pulls.sharp_blur) ** 2


@jit
def back_panel(x, at, d_annotator, d_unit, pulls):
    """Add the derivatives of the auxiliary draws."""
    square = (pulls.panel_weight * at.annotator[:, 0] ** 2).sum()
    slope = (x[0] - 0.5 * math.log(square)) / pulls.panel_blur**2
    d_unit[0] -= slope
    d_annotator[:, 0] += slope * pulls.panel_weight * at.annotator[:, 0] / square
    wide = (pulls.sharp_weight * (at.annotator[:, -1] - pulls.sharp_hinge)).sum()
    slope = (x[1] - pulls.sharp_share * wide) / pulls.sharp_blur**2
    d_unit[1] -= slope
    d_annotator[:, -1] += slope * pulls.sharp_share * pulls.sharp_weight
