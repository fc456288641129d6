"""Resample units and annotators together, and read intervals off the draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numba
import numpy as np

from calibration.agreement.coding import Coded, Floats, Ints
from calibration.agreement.distances import Distance
from calibration.agreement.metrics import Metric
from calibration.agreement.results import FEW_ANNOTATORS
from calibration.agreement.sums import Sums, symmetrized

CHUNK = 2_000_000
# Fewer draws than this share say nothing about the tails.
LEAST_KEPT = 0.1


@dataclass(frozen=True, slots=True)
class Interval:
    """An equal-tailed percentile interval, with what it rests on."""

    low: float | None
    high: float | None
    level: float
    method: str
    n_boot: int


def intervals(
    coded: Coded, chosen: Sequence[Metric], *, seed: int, n_boot: int, level: float
) -> dict[str, Interval]:
    """Return the pigeonhole bootstrap interval of each statistic.

    Units get multinomial weights W_u and annotators multinomial weights w_j; a pair of different annotators i, j
    within u weighs W_u w_i w_j, and m_u - 1 becomes M_u - Σ w_j²/M_u with M_u = Σ w_j. Copies of one annotator are
    never paired. Draws in which a statistic is undefined (fewer than two annotators drawn, no pair, no variation) are
    dropped and counted.

    Parameters
    ----------
    coded
        The judgments.
    chosen
        Statistics; all are computed from the same draws.
    seed, n_boot, level
        Seed, number of draws, mass of the interval.

    Returns
    -------
    dict
        Interval by name; its ends are None if fewer than a tenth of the draws could be used.

    References
    ----------
    Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1(2), doi:10.1214/07-AOAS122.
    """
    values = {metric.name: [] for metric in chosen}  # type: dict[str, list[Floats]]
    prepared = {metric.name: metric.prepare(coded) for metric in chosen}
    needed = tuple({distance.name: distance for distance in prepared.values() if distance}.values())
    for sums in draws(coded, needed, seed=seed, n_boot=n_boot):
        for metric in chosen:
            values[metric.name].append(metric.of(coded, sums, prepared[metric.name]))
    return {name: _interval(np.concatenate(parts), level, coded.n_annotators) for name, parts in values.items()}


def draws(coded: Coded, needed: tuple[Distance, ...], *, seed: int, n_boot: int) -> Iterator[Sums]:
    """Yield the sums of resampled judgments, some draws at a time so that memory stays bounded."""
    of_units, of_annotators = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
    size = max(1, min(n_boot, CHUNK // max(coded.n_units, coded.n_codes, coded.n_annotators)))
    for start in range(0, n_boot, size):
        count = min(size, n_boot - start)
        units = of_units.integers(0, coded.n_units, (count, coded.n_units))
        annotators = of_annotators.integers(0, coded.n_annotators, (count, coded.n_annotators))
        yield resampled(coded, needed, tallies(units), tallies(annotators))


def tallies(drawn: Ints) -> Floats:
    """Count how often each index occurs in each row of (B, n) drawn indices below n."""
    count, n = drawn.shape
    flat = np.bincount((drawn + n * np.arange(count)[:, None]).ravel(), minlength=count * n)
    return flat.reshape(count, n).astype(float)


def resampled(coded: Coded, needed: tuple[Distance, ...], unit_weights: Floats, annotator_weights: Floats) -> Sums:
    """Sum over the judgments under (B, U) weights of units and (B, A) weights of annotators."""
    by_scores = [distance for distance in needed if distance.matrix is None]
    by_matrix = [distance for distance in needed if distance.matrix is not None]
    count, k = len(unit_weights), coded.n_codes
    scores = np.zeros((len(by_scores), k))
    rank_row = -1
    for row, distance in enumerate(by_scores):
        if distance.scores is None:
            rank_row = row
        else:
            scores[row] = distance.scores - distance.scores.mean()
    matrices = np.array([distance.matrix for distance in by_matrix]) if by_matrix else np.zeros((0, k, k))
    mirror = np.arange(k) if coded.mirror is None else coded.mirror
    totals, margins, prevalence = np.zeros((count, 6)), np.zeros((count, k)), np.zeros((count, k))
    spread, unit_spread = np.zeros((count, len(needed))), np.zeros((count, len(needed)))
    _sum_draws(
        coded.annotator, coded.side, coded.run_start, coded.run_code, coded.unit_run, coded.cross, mirror,
        unit_weights, annotator_weights, scores, rank_row, matrices,
        totals, margins, prevalence, spread, unit_spread,
    )  # fmt: skip
    names = [distance.name for distance in (*by_scores, *by_matrix)]
    return Sums(
        *totals[:, :5].T,
        margins=symmetrized(coded, margins),
        prevalence=symmetrized(coded, prevalence),
        apart=totals[:, 5],
        spread=dict(zip(names, spread.T, strict=True)),
        unit_spread=dict(zip(names, unit_spread.T, strict=True)),
    )


def _interval(values: Floats, level: float, n_annotators: int) -> Interval:
    kept = values[np.isfinite(values)]
    notes = ["pigeonhole percentile"]
    if dropped := values.size - kept.size:
        notes.append(f"{dropped} draws dropped")
    if kept.size < max(LEAST_KEPT * values.size, 1):
        return Interval(None, None, level, ", ".join(["none", *notes[1:]]), int(kept.size))
    if n_annotators < FEW_ANNOTATORS:
        notes.append("indicative")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, ", ".join(notes), int(kept.size))


@numba.njit(cache=False, error_model="numpy", nogil=True)
def _sum_draws(
    annotator, side, run_start, run_code, unit_run, cross, mirror,
    unit_weights, annotator_weights, scores, rank_row, matrices,
    totals, margins, prevalence, spread, unit_spread,
):  # fmt: skip
    """Fill the sums of every draw; the same sums as `sums.observe`, with weights."""
    n_runs, n_units, n_codes = run_code.size, unit_run.size - 1, margins.shape[1]
    first, second = np.empty(n_runs), np.empty(n_runs)
    factor, inverse = np.empty(n_units), np.empty(n_units)
    half = np.empty(n_codes)
    for draw in range(unit_weights.shape[0]):
        for unit in range(n_units):
            factor[unit] = inverse[unit] = 0.0
            weight = unit_weights[draw, unit]
            if weight == 0.0:
                continue
            runs = range(unit_run[unit], unit_run[unit + 1])
            own = left = right = 0.0
            for run in runs:
                first[run] = second[run] = 0.0
                for row in range(run_start[run], run_start[run + 1]):
                    copies = annotator_weights[draw, annotator[row]]
                    if cross and side[row] == 1:
                        second[run] += copies
                    elif cross:
                        first[run] += copies
                    else:
                        first[run] += copies
                        second[run] += copies * copies
                left += first[run]
                right += second[run]
            total = left + right if cross else left
            pairs = 2.0 * left * right if cross else left * left - right
            if total == 0.0:
                continue
            if not cross:
                totals[draw, 4] += weight
                for run in runs:
                    prevalence[draw, run_code[run]] += weight * first[run] / total
            if pairs <= 0.0:
                continue
            if cross:
                totals[draw, 4] += weight
            factor[unit], inverse[unit] = weight * total / pairs, weight / pairs
            for run in runs:
                if cross:
                    same = 2.0 * first[run] * second[run]
                    margin = first[run] * right + second[run] * left
                    prevalence[draw, run_code[run]] += weight * (first[run] / left + second[run] / right) / 2.0
                else:
                    same = first[run] * first[run] - second[run]
                    margin = first[run] * total - second[run]
                own += same
                margins[draw, run_code[run]] += factor[unit] * margin
            totals[draw, 0] += weight * pairs
            totals[draw, 1] += weight * own
            totals[draw, 2] += inverse[unit] * own
            totals[draw, 3] += weight
            totals[draw, 5] += factor[unit] * (pairs - own)
        if rank_row >= 0:
            below = 0.0
            for code in range(n_codes):
                half[code] = (margins[draw, code] + margins[draw, mirror[code]]) / 2.0
                scores[rank_row, code] = below + half[code] / 2.0
                below += half[code]
            for code in range(n_codes):
                scores[rank_row, code] -= below / 2.0
        for unit in range(n_units):
            if factor[unit] == 0.0:
                continue
            runs = range(unit_run[unit], unit_run[unit + 1])
            for row in range(scores.shape[0]):
                apart = _squares(runs, run_code, first, second, scores[row], cross)
                spread[draw, row] += factor[unit] * apart
                unit_spread[draw, row] += inverse[unit] * apart
            for table in range(matrices.shape[0]):
                apart = _tabled(runs, run_code, first, second, matrices[table], cross)
                spread[draw, scores.shape[0] + table] += factor[unit] * apart
                unit_spread[draw, scores.shape[0] + table] += inverse[unit] * apart


@numba.njit(cache=False, error_model="numpy", nogil=True)
def _squares(runs, run_code, first, second, score, cross):
    """Sum (x_i - x_j)² over the ordered pairs of one unit, from the moments."""
    zero = one = two = other_zero = other_one = other_two = 0.0
    for run in runs:
        x = score[run_code[run]]
        zero += first[run]
        one += first[run] * x
        two += first[run] * x * x
        other_zero += second[run]
        other_one += second[run] * x
        other_two += second[run] * x * x
    if cross:
        return 2.0 * (zero * other_two + other_zero * two - 2.0 * one * other_one)
    return 2.0 * max(zero * two - one * one, 0.0)


@numba.njit(cache=False, error_model="numpy", nogil=True)
def _tabled(runs, run_code, first, second, matrix, cross):
    """Sum a table of distances over the ordered pairs of one unit."""
    apart = 0.0
    for run in runs:
        for other in runs:
            partner = second[other] if cross else first[other]
            apart += first[run] * partner * matrix[run_code[run], run_code[other]]
    return 2.0 * apart if cross else apart
