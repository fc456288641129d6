"""The sums that every agreement statistic is a formula of; no array of units by values is built."""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse

from calibration.agreement.coding import Coded, Floats, Ints
from calibration.agreement.distances import Distance


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over units, one row for each draw (a point value has one row).

    W is the weight of a unit, w of an annotator, M_u the sum of w within the unit, pairs_u the sum of w_i w_j over
    ordered pairs of different annotators (or across sides), f_u = M_u / pairs_u. With all weights 1, f_u = 1/(m_u - 1).

    Attributes
    ----------
    pairs, agree
        (B,) sum of W pairs_u, and the part of it that agrees.
    unit_agree, units_paired, units
        (B,) sum of W agree_u / pairs_u; sum of W over units with a pair; over all units.
    margins
        (B, K) Krippendorff's n_c, symmetrized where the judgments ask for it.
    prevalence
        (B, K) unit mean of the share of each value, symmetrized likewise.
    apart
        (B,) sum of W f_u times the disagreeing pairs: n D_o of nominal alpha.
    spread, unit_spread
        For each distance, (B,) sum of W f_u (and of W / pairs_u) times the summed distance of the pairs.
    """

    pairs: Floats
    agree: Floats
    unit_agree: Floats
    units_paired: Floats
    units: Floats
    margins: Floats
    prevalence: Floats
    apart: Floats
    spread: dict[str, Floats] = field(default_factory=dict)
    unit_spread: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Counts of each run and each unit, per side (one side where all pairs count)."""

    counts: tuple[Floats, ...]
    totals: tuple[Floats, ...]
    unit: Ints
    pairs: Floats
    weight: Floats


def observe(coded: Coded, distances: tuple[Distance, ...] = ()) -> Sums:
    """Sum over the judgments as they are, all weights 1."""
    runs = _count(coded)
    total, n_units = sum(runs.totals), coded.n_units
    agree_run = _within(coded, runs.counts)
    agree = _summed(runs.unit, agree_run, n_units)
    paired = runs.pairs > 0
    inverse = np.divide(1.0, runs.pairs, out=np.zeros(n_units), where=paired)
    margins = symmetrized(coded, _margins(coded, runs)[None])
    sums = Sums(
        pairs=np.array([runs.pairs.sum()]),
        agree=np.array([agree.sum()]),
        unit_agree=np.array([(agree * inverse).sum()]),
        units_paired=np.array([float(paired.sum())]),
        units=np.array([float(paired.sum() if coded.cross else n_units)]),
        margins=margins,
        prevalence=symmetrized(coded, _prevalence(coded, runs, np.asarray(total))[None]),
        apart=np.array([(runs.weight * (runs.pairs - agree)).sum()]),
    )
    for distance in distances:
        by_unit = _spread(coded, runs, distance, margins[0], (runs.weight, inverse))
        sums.spread[distance.name], sums.unit_spread[distance.name] = by_unit
    return sums


def pair_table(coded: Coded, weight: Floats) -> Floats:
    """Tabulate the pairs of judgments by value, each weighted by its unit.

    Returns
    -------
    ndarray
        (K, K): every ordered pair of judgments of a unit; with `cross`, side 0 in rows and side 1 in columns, once.
    """
    shape, runs = (coded.n_units, coded.n_codes), _count(coded)
    left, right = (
        scipy.sparse.csr_array((count, (runs.unit, coded.run_code)), shape=shape)
        for count in (runs.counts[0], runs.counts[-1])
    )
    table = ((left * weight[:, None]).T @ right).toarray()
    if not coded.cross:
        table -= np.diag(_summed(coded.run_code, runs.counts[0] * weight[runs.unit], coded.n_codes))
    return table


def symmetrized(coded: Coded, by_code: Floats) -> Floats:
    """Average the last axis with its mirror image, where the judgments have one."""
    return by_code if coded.mirror is None else (by_code + by_code[..., coded.mirror]) / 2


def _count(coded: Coded) -> _Runs:
    lengths = np.diff(coded.run_start).astype(float)
    unit = coded.run_unit
    if coded.cross:
        ones = np.add.reduceat(coded.side, coded.run_start[:-1]).astype(float) if lengths.size else lengths
        counts: tuple[Floats, ...] = (lengths - ones, ones)
    else:
        counts = (lengths,)
    totals = tuple(_summed(unit, count, coded.n_units) for count in counts)
    pairs = 2 * totals[0] * totals[1] if coded.cross else totals[0] * (totals[0] - 1)
    everyone = np.asarray(sum(totals))
    weight = np.divide(everyone, pairs, out=np.zeros(coded.n_units), where=pairs > 0)
    return _Runs(counts, totals, unit, pairs, weight)


def _summed(index: Ints, weight: Floats, size: int) -> Floats:
    """Sum the weights of each index; numpy gives whole numbers where there is nothing to sum."""
    return np.bincount(index, weight, size).astype(float, copy=False)


def _within(coded: Coded, counts: tuple[Floats, ...]) -> Floats:
    """Return the ordered pairs within each run."""
    return 2 * counts[0] * counts[1] if coded.cross else counts[0] * (counts[0] - 1)


def _margins(coded: Coded, runs: _Runs) -> Floats:
    """Return n_c = sum over k of o_ck."""
    if coded.cross:
        other = runs.counts[0] * runs.totals[1][runs.unit] + runs.counts[1] * runs.totals[0][runs.unit]
    else:
        other = runs.counts[0] * (runs.totals[0][runs.unit] - 1)
    return _summed(coded.run_code, runs.weight[runs.unit] * other, coded.n_codes)


def _prevalence(coded: Coded, runs: _Runs, total: Floats) -> Floats:
    if not coded.cross:
        return _summed(coded.run_code, runs.counts[0] / total[runs.unit], coded.n_codes)
    both = (runs.pairs > 0)[runs.unit]
    halves = [
        np.divide(count, side[runs.unit], out=np.zeros(count.size), where=both) / 2
        for count, side in zip(runs.counts, runs.totals, strict=True)
    ]
    return _summed(coded.run_code, halves[0] + halves[1], coded.n_codes)


def _spread(
    coded: Coded, runs: _Runs, distance: Distance, margins: Floats, weights: tuple[Floats, ...]
) -> tuple[Floats, ...]:
    """Sum the distance of the ordered pairs of each unit, under each of the weights of units."""
    if distance.matrix is not None:
        return tuple(np.array([_by_matrix(coded, distance.matrix, weight)]) for weight in weights)
    by_unit = _by_scores(coded, runs, distance.score(margins)[coded.run_code])
    return tuple(np.array([(weight * by_unit).sum()]) for weight in weights)


def _by_scores(coded: Coded, runs: _Runs, score: Floats) -> Floats:
    sides = [_squares(runs.unit, count, score, coded.n_units) for count in runs.counts]
    if not coded.cross:
        return sides[0]
    return _squares(runs.unit, runs.counts[0] + runs.counts[1], score, coded.n_units) - sides[0] - sides[1]


def _squares(unit: Ints, count: Floats, score: Floats, n_units: int) -> Floats:
    """Sum (x_i - x_j)² over ordered pairs from the moments; a value paired with itself adds nothing."""
    total, first, second = (_summed(unit, count * score**power, n_units) for power in (0, 1, 2))
    return 2 * np.maximum(total * second - first**2, 0.0)


def _by_matrix(coded: Coded, matrix: Floats, weight: Floats) -> float:
    return float((pair_table(coded, weight) * matrix).sum()) * (2 if coded.cross else 1)
