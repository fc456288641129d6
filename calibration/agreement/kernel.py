"""The compiled sums of resampled judgments: `sums.observe` with weights, one pass over the runs for each draw."""

from typing import NamedTuple

import numba
import numpy as np

from calibration.agreement.coding import Floats, Ints

compiled = numba.njit(cache=False, error_model="numpy", nogil=True)


class Layout(NamedTuple):
    """The judgments, as in `coding.Coded`; `mirror` is the identity where nothing is symmetrized."""

    annotator: Ints
    side: Ints
    run_start: Ints
    run_code: Ints
    unit_run: Ints
    mirror: Ints
    cross: bool


class Distances(NamedTuple):
    """(S, K) scores, the row of them that is filled with mid-ranks (-1 for none), (T, K, K) tables."""

    scores: Floats
    rank_row: int
    tables: Floats


class Totals(NamedTuple):
    """The sums of each draw, as in `sums.Sums`; spread and unit_spread have scores first, then tables."""

    pairs: Floats
    agree: Floats
    unit_agree: Floats
    units_paired: Floats
    units: Floats
    margins: Floats
    prevalence: Floats
    apart: Floats
    spread: Floats
    unit_spread: Floats


class Scratch(NamedTuple):
    """Of each run the weights of both sides, or Σ w and Σ w²; of each unit W f_u and W / pairs_u."""

    here: Floats
    there: Floats
    factor: Floats
    inverse: Floats


def empty_totals(count: int, n_codes: int, n_distances: int) -> Totals:
    """Return zeros for `count` draws."""
    shapes = {"margins": (count, n_codes), "prevalence": (count, n_codes)}
    shapes |= {"spread": (count, n_distances), "unit_spread": (count, n_distances)}
    return Totals(*(np.zeros(shapes.get(name, (count,))) for name in Totals._fields))


@compiled
def sum_draws(layout, distances, unit_weights, annotator_weights, totals):
    """Fill the totals of every draw from (B, U) weights of units and (B, A) weights of annotators."""
    n_runs, n_units = layout.run_code.size, layout.unit_run.size - 1
    scratch = Scratch(np.empty(n_runs), np.empty(n_runs), np.empty(n_units), np.empty(n_units))
    for draw in range(unit_weights.shape[0]):
        for unit in range(n_units):
            scratch.factor[unit] = scratch.inverse[unit] = 0.0
            if unit_weights[draw, unit] > 0.0:
                _count(layout, scratch, totals, draw, unit, unit_weights[draw, unit], annotator_weights[draw])
        if distances.rank_row >= 0:
            _rank(layout.mirror, totals.margins[draw], distances.scores[distances.rank_row])
        for unit in range(n_units):
            if scratch.factor[unit] > 0.0:
                _separate(layout, distances, scratch, totals, draw, unit)


@compiled
def _count(layout, scratch, totals, draw, unit, weight, copies):
    """Add one unit to everything that needs no distance."""
    left, right = _tally(layout, scratch, unit, copies)
    total = left + right if layout.cross else left
    pairs = 2.0 * left * right if layout.cross else left * left - right
    if total > 0.0 and (pairs > 0.0 or not layout.cross):
        totals.units[draw] += weight
        for run in range(layout.unit_run[unit], layout.unit_run[unit + 1]):
            here, there = scratch.here[run], scratch.there[run]
            share = (here / left + there / right) / 2.0 if layout.cross else here / total
            totals.prevalence[draw, layout.run_code[run]] += weight * share
    if pairs > 0.0:
        scratch.factor[unit], scratch.inverse[unit] = weight * total / pairs, weight / pairs
        agree = 0.0
        for run in range(layout.unit_run[unit], layout.unit_run[unit + 1]):
            here, there = scratch.here[run], scratch.there[run]
            agree += 2.0 * here * there if layout.cross else here * here - there
            margin = here * right + there * left if layout.cross else here * total - there
            totals.margins[draw, layout.run_code[run]] += scratch.factor[unit] * margin
        totals.pairs[draw] += weight * pairs
        totals.agree[draw] += weight * agree
        totals.unit_agree[draw] += scratch.inverse[unit] * agree
        totals.units_paired[draw] += weight
        totals.apart[draw] += scratch.factor[unit] * (pairs - agree)


@compiled
def _tally(layout, scratch, unit, copies):
    """Weigh the runs of one unit and return their totals."""
    left = right = 0.0
    for run in range(layout.unit_run[unit], layout.unit_run[unit + 1]):
        here = there = 0.0
        for row in range(layout.run_start[run], layout.run_start[run + 1]):
            weight = copies[layout.annotator[row]]
            if not layout.cross:
                here += weight
                there += weight * weight
            elif layout.side[row] == 0:
                here += weight
            else:
                there += weight
        scratch.here[run], scratch.there[run] = here, there
        left += here
        right += there
    return left, right


@compiled
def _rank(mirror, margins, score):
    """Fill the mid-ranks of the symmetrized margins, centered."""
    below = 0.0
    for code in range(margins.size):
        count = (margins[code] + margins[mirror[code]]) / 2.0
        score[code] = below + count / 2.0
        below += count
    for code in range(margins.size):
        score[code] -= below / 2.0


@compiled
def _separate(layout, distances, scratch, totals, draw, unit):
    """Add one unit to the sums of every distance."""
    first, last, n_scores = layout.unit_run[unit], layout.unit_run[unit + 1], distances.scores.shape[0]
    code, here, there = layout.run_code[first:last], scratch.here[first:last], scratch.there[first:last]
    for row in range(totals.spread.shape[1]):
        if row < n_scores:
            apart = _squares(code, here, there, distances.scores[row], layout.cross)
        else:
            apart = _tabled(code, here, there, distances.tables[row - n_scores], layout.cross)
        totals.spread[draw, row] += scratch.factor[unit] * apart
        totals.unit_spread[draw, row] += scratch.inverse[unit] * apart


@compiled
def _squares(code, here, there, score, cross):
    """Sum (x_i - x_j)² over the ordered pairs of one unit, from the moments."""
    zero = one = two = other_zero = other_one = other_two = 0.0
    for run in range(code.size):
        x = score[code[run]]
        zero += here[run]
        one += here[run] * x
        two += here[run] * x * x
        other_zero += there[run]
        other_one += there[run] * x
        other_two += there[run] * x * x
    if cross:
        return 2.0 * max(zero * other_two + other_zero * two - 2.0 * one * other_one, 0.0)
    return 2.0 * max(zero * two - one * one, 0.0)


@compiled
def _tabled(code, here, there, table, cross):
    """Sum a table of distances over the ordered pairs of one unit."""
    apart = 0.0
    for run in range(code.size):
        for other in range(code.size):
            partner = there[other] if cross else here[other]
            apart += here[run] * partner * table[code[run], code[other]]
    return 2.0 * apart if cross else apart
