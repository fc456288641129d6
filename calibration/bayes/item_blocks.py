"""The blocks of systems, items and answers in the sampler's coordinates, forwards and backwards as in ``blocks``."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np

from calibration.bayes import blocks
from calibration.bayes.blocks import jit
from calibration.bayes.placed import gathered, normal, place, unplace


@jit
def strengths(x, sd, design, pulls):
    """Place strengths that sum to zero in each component, from orthonormal contrasts (see ``zero_sum``)."""
    contrast, logp, unit = np.zeros(design.free.size), 0.0, math.exp(pulls.sharp_power * x[1] - x[0])
    for k in range(contrast.size):
        contrast[k], jacobian = place(
            x[design.contrast_from + k], 0.0, sd, unit,
            pulls.strength_contrast.precision[k], pulls.strength_contrast.weighted[k], 1.0, 0.0,
        )  # fmt: skip
        logp += normal(contrast[k], 0.0, sd)[0] + math.log(jacobian / sd)
    total = np.zeros(design.size.size)
    for k in range(contrast.size):
        total[design.component[k]] += contrast[k]
    strength = np.zeros(design.free.size + design.last.size)
    for k in range(contrast.size):
        size = design.size[design.component[k]]
        strength[design.free[k]] = contrast[k] - total[design.component[k]] / (math.sqrt(size) + size)
    for c in range(total.size):
        strength[design.last[c]] = -total[c] / math.sqrt(design.size[c])
    return strength, contrast, logp


@jit
def back_strengths(x, at, d_strength, d_scale, d_unit, design, pulls, gradient):
    """Add the derivatives of the strengths."""
    total = np.zeros(design.size.size)
    for k in range(design.free.size):
        total[design.component[k]] += d_strength[design.free[k]]
    sd, unit = at.scale[blocks.STRENGTH], math.exp(pulls.sharp_power * x[1] - x[0])
    for k in range(design.free.size):
        c = design.component[k]
        root = math.sqrt(design.size[c])
        shift = total[c] / (root + design.size[c]) + d_strength[design.last[c]] / root
        density = normal(at.contrast[k], 0.0, sd)
        d = unplace(
            d_strength[design.free[k]] - shift + density[1], x[design.contrast_from + k], 0.0, sd, unit,
            pulls.strength_contrast.precision[k], pulls.strength_contrast.weighted[k], 1.0, 0.0,
        )  # fmt: skip
        gradient[design.contrast_from + k] += d[0]
        d_scale[blocks.STRENGTH] += d[2] + density[2]
        d_unit[0] -= d[3]
        d_unit[1] += pulls.sharp_power * d[3]


@jit
def _wider(x, annotator, j, design, pulls):
    """Return how an annotator's responses grow with the tie zone, and as which power of it."""
    share = 1.0 / (1.0 + math.exp(-pulls.sharp_hinge[j]))
    moved = annotator[j, -1] - pulls.sharp_hinge[j] - (x[1] if design.group[j] == 0 else 0.0)
    return math.exp(share * moved), share


@jit
def qualities(x, sd, strength, annotator, design, pulls, rows):
    """Place the quality of each item: its systems' difference and its own effect.

    A row's working response says that discrimination times quality is weighted / precision. Its pull on the quality
    grows with the annotator's discrimination, so the qualities follow when a judge's slope moves; and the response of
    an annotator with a wide tie zone grows with the zone.
    """
    n_items, logp, product, unit = design.item_a.size, 0.0, 1.0, math.exp(pulls.sharp_power * x[1] - x[0])
    value, pull = np.zeros(n_items), np.zeros((n_items, 2))
    units = blocks.units_of(x, design.mean_at.shape[0], pulls)
    for j in range(annotator.shape[0]):
        slope = annotator[j, 0] / units[design.group[j]]
        wider = _wider(x, annotator, j, design, pulls)[0]
        for n in range(rows.starts[j, 0], rows.starts[j, -1]):
            pull[rows.item[n], 0] += slope * slope * pulls.row.precision[n]
            pull[rows.item[n], 1] += slope * wider * pulls.row.weighted[n]
    for i in range(n_items):
        mu = strength[design.item_a[i]] - strength[design.item_b[i]]
        value[i], jacobian = place(x[design.quality_from + i], mu, sd, unit, pull[i, 0], pull[i, 1], 1.0, 0.0)
        logp, product = gathered(logp + normal(value[i], mu, sd)[0], product * jacobian / sd)
    return value, pull, logp + math.log(product)


@jit
def back_qualities(x, at, d_quality, d_annotator, d_scale, d_unit, design, pulls, rows, gradient):
    """Add the derivatives of the qualities; return those by the strengths."""
    sd, d_strength, d_pull = at.scale[blocks.ITEM], np.zeros_like(at.strength), np.zeros_like(at.item_pull)
    unit, units = math.exp(pulls.sharp_power * x[1] - x[0]), blocks.units_of(x, design.mean_at.shape[0], pulls)
    for i in range(d_quality.size):
        a, b = design.item_a[i], design.item_b[i]
        mu = at.strength[a] - at.strength[b]
        density = normal(at.quality[i], mu, sd)
        d = unplace(
            d_quality[i] + density[1], x[design.quality_from + i], mu, sd, unit,
            at.item_pull[i, 0], at.item_pull[i, 1], 1.0, 0.0,
        )  # fmt: skip
        gradient[design.quality_from + i] += d[0]
        d_strength[a] += d[1] - density[1]
        d_strength[b] -= d[1] - density[1]
        d_scale[blocks.ITEM] += d[2] + density[2]
        d_unit[0] -= d[3]
        d_unit[1] += pulls.sharp_power * d[3]
        d_pull[i, 0], d_pull[i, 1] = d[4], d[5]
    for j in range(at.annotator.shape[0]):
        d_slope, d_wider, slope = 0.0, 0.0, at.annotator[j, 0] / units[design.group[j]]
        wider, share = _wider(x, at.annotator, j, design, pulls)
        for n in range(rows.starts[j, 0], rows.starts[j, -1]):
            item = rows.item[n]
            d_slope += 2.0 * slope * d_pull[item, 0] * pulls.row.precision[n]
            d_slope += d_pull[item, 1] * wider * pulls.row.weighted[n]
            d_wider += d_pull[item, 1] * slope * pulls.row.weighted[n]
        d_annotator[j, 0] += d_slope / units[design.group[j]]
        d_annotator[j, -1] += d_wider * wider * share
        if design.group[j] == 0:
            d_unit[1] -= d_wider * wider * share
        blocks.back_unit(-d_slope * slope, design.group[j], 0, pulls, d_unit)
    return d_strength


@jit
def answers(x, design, pulls):
    """Place the symmetric cuts of graded strength, the tie's at 1, and the lapse rates; people's alone are free."""
    m, logp = design.n_levels, 0.0
    cut = np.full(2 * m + 2, np.inf)
    cut[m + 1] = 1.0
    for k in range(1, m):
        z = x[design.cut_from + k - 1]
        cut[m + 1 + k] = cut[m + k] + math.exp(z)
        logp -= 0.5 * z * z
    for k in range(m + 1):
        cut[m - k] = -cut[m + 1 + k]
    lapse = design.lapse.copy()
    for g in range(lapse.size):
        if design.lapse_at[g] >= 0:
            z = x[design.lapse_at[g]] + pulls.lapse_lean * x[1]
            lapse[g] = 1.0 / (1.0 + math.exp(-design.lapse_mean - design.lapse_sd * z))
            logp -= 0.5 * z * z
    return cut, lapse, logp


@jit
def back_answers(x, at, d_cut, d_lapse, d_unit, design, pulls, gradient):
    """Add the derivatives of cuts and lapse rates."""
    m, total = design.n_levels, 0.0
    for k in range(m - 1, 0, -1):
        total += d_cut[m + 1 + k] - d_cut[m - k]
        z = x[design.cut_from + k - 1]
        gradient[design.cut_from + k - 1] += total * math.exp(z) - z
    for g in range(d_lapse.size):
        if design.lapse_at[g] >= 0:
            slope = at.lapse[g] * (1.0 - at.lapse[g]) * design.lapse_sd
            d = d_lapse[g] * slope - x[design.lapse_at[g]] - pulls.lapse_lean * x[1]
            gradient[design.lapse_at[g]] += d
            d_unit[1] += pulls.lapse_lean * d
