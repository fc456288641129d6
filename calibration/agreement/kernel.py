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
def sum_draws(
    layout: Layout, distances: Distances, unit_weights: Floats, annotator_weights: Floats, totals: Totals
) -> None:
    """Fill the totals of every draw from (B, U) weights of units and (B, A) weights of annotators."""
    n_runs, n_units = layout.run_code.size, layout.unit_run.size - 1
    scratch = Scratch(np.empty(n_runs), np.empty(n_runs), np.empty(n_units), np.empty(n_units))
    for draw in range(unit_weights.shape[0]):
        margins, prevalence = totals.margins[draw], totals.prevalence[draw]
        _count(layout, scratch, totals, draw, unit_weights[draw], annotator_weights[draw], margins, prevalence)
        if distances.rank_row >= 0:
            _rank(layout.mirror, margins, distances.scores[distances.rank_row])
        n_scores = distances.scores.shape[0]
        for row in range(n_scores):
            _square(layout, scratch, totals, draw, row, distances.scores[row])
        for row in range(totals.spread.shape[1] - n_scores):
            _look_up(layout, scratch, totals, draw, n_scores + row, distances.tables[row])


@compiled
def _count(
    layout: Layout,
    scratch: Scratch,
    totals: Totals,
    draw: int,
    unit_weight: Floats,
    copies: Floats,
    margins: Floats,
    prevalence: Floats,
) -> None:
    """Sum everything that needs no distance."""
    for unit in range(unit_weight.size):
        weight = unit_weight[unit]
        scratch.factor[unit] = scratch.inverse[unit] = 0.0
        if weight == 0.0:
            continue
        left, right = _tally(layout, scratch, unit, copies)
        total = left + right if layout.cross else left
        pairs = 2.0 * left * right if layout.cross else left * left - right
        if total > 0.0 and (pairs > 0.0 or not layout.cross):
            totals.units[draw] += weight
            _share(layout, scratch, unit, weight, left, right, prevalence)
        if pairs > 0.0:
            scratch.factor[unit], scratch.inverse[unit] = weight * total / pairs, weight / pairs
            agree = _pair(layout, scratch, unit, left, right, margins)
            totals.pairs[draw] += weight * pairs
            totals.agree[draw] += weight * agree
            totals.unit_agree[draw] += scratch.inverse[unit] * agree
            totals.units_paired[draw] += weight
            totals.apart[draw] += scratch.factor[unit] * (pairs - agree)


@compiled
def _tally(layout: Layout, scratch: Scratch, unit: int, copies: Floats) -> tuple[float, float]:
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
def _share(
    layout: Layout, scratch: Scratch, unit: int, weight: float, left: float, right: float, prevalence: Floats
) -> None:
    """Add the share of each value in one unit."""
    by_left = weight / (2.0 * left) if layout.cross else weight / left
    by_right = weight / (2.0 * right) if layout.cross else 0.0
    for run in range(layout.unit_run[unit], layout.unit_run[unit + 1]):
        prevalence[layout.run_code[run]] += scratch.here[run] * by_left + scratch.there[run] * by_right


@compiled
def _pair(layout: Layout, scratch: Scratch, unit: int, left: float, right: float, margins: Floats) -> float:
    """Add the margins of one unit and return its agreeing pairs."""
    agree, factor = 0.0, scratch.factor[unit]
    for run in range(layout.unit_run[unit], layout.unit_run[unit + 1]):
        here, there = scratch.here[run], scratch.there[run]
        if layout.cross:
            agree += 2.0 * here * there
            margins[layout.run_code[run]] += factor * (here * right + there * left)
        else:
            agree += here * here - there
            margins[layout.run_code[run]] += factor * (here * left - there)
    return agree


@compiled
def _rank(mirror: Ints, margins: Floats, score: Floats) -> None:
    """Fill the mid-ranks of the symmetrized margins, centered."""
    below = 0.0
    for code in range(margins.size):
        count = (margins[code] + margins[mirror[code]]) / 2.0
        score[code] = below + count / 2.0
        below += count
    for code in range(margins.size):
        score[code] -= below / 2.0


@compiled
def _square(layout: Layout, scratch: Scratch, totals: Totals, draw: int, row: int, score: Floats) -> None:
    """Sum (x_i - x_j)² over the ordered pairs of every unit, from the moments."""
    for unit in range(layout.unit_run.size - 1):
        if scratch.factor[unit] == 0.0:
            continue
        zero = one = two = other_zero = other_one = other_two = 0.0
        for run in range(layout.unit_run[unit], layout.unit_run[unit + 1]):
            x, here, there = score[layout.run_code[run]], scratch.here[run], scratch.there[run]
            zero += here
            one += here * x
            two += here * x * x
            other_zero += there
            other_one += there * x
            other_two += there * x * x
        if layout.cross:
            apart = 2.0 * max(zero * other_two + other_zero * two - 2.0 * one * other_one, 0.0)
        else:
            apart = 2.0 * max(zero * two - one * one, 0.0)
        totals.spread[draw, row] += scratch.factor[unit] * apart
        totals.unit_spread[draw, row] += scratch.inverse[unit] * apart


@compiled
def _look_up(layout: Layout, scratch: Scratch, totals: Totals, draw: int, row: int, table: Floats) -> None:
    """Sum a table of distances over the ordered pairs of every unit."""
    partner = scratch.there if layout.cross else scratch.here
    for unit in range(layout.unit_run.size - 1):
        if scratch.factor[unit] == 0.0:
            continue
        apart = 0.0
        first, last = layout.unit_run[unit], layout.unit_run[unit + 1]
        for run in range(first, last):
            for other in range(first, last):
                apart += scratch.here[run] * partner[other] * table[layout.run_code[run], layout.run_code[other]]
        if layout.cross:
            apart *= 2.0
        totals.spread[draw, row] += scratch.factor[unit] * apart
        totals.unit_spread[draw, row] += scratch.inverse[unit] * apart
