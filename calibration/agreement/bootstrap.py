"""Resample units and annotators together, and read intervals off the draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.agreement import kernel
from calibration.agreement.coding import Coded, Floats, Ints
from calibration.agreement.distances import Distance
from calibration.agreement.metrics import Metric
from calibration.agreement.results import INDICATIVE
from calibration.agreement.sums import Sums, symmetrized

FEW_ANNOTATORS = 8
# Numbers of one array of weights.
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


def intervals(coded: Coded, chosen: Sequence[Metric], *, seed: int, n_boot: int, level: float) -> dict[str, Interval]:
    """Return the pigeonhole bootstrap interval of each statistic.

    Units get multinomial weights W_u and annotators multinomial weights w_j; a pair of different annotators i, j
    within u weighs W_u w_i w_j, and m_u - 1 becomes M_u - Σ w_j²/M_u with M_u = Σ w_j. Copies of one annotator are
    never paired. Annotators are drawn within their kind, so that the mixture of people and judges stays as it is; the
    only annotator of a kind is thus held fixed. Draws in which a statistic is undefined (fewer than two annotators
    drawn, no pair, no variation) are dropped and counted.

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
    values: dict[str, list[Floats]] = {metric.name: [] for metric in chosen}
    prepared = {metric.name: metric.prepare(coded) for metric in chosen}
    needed = tuple({distance.name: distance for distance in prepared.values() if distance}.values())
    for sums in draws(coded, needed, seed=seed, n_boot=n_boot):
        for metric in chosen:
            values[metric.name].append(metric.of(coded, sums, prepared[metric.name]))
    few = _smallest_sample(coded) < FEW_ANNOTATORS
    return {name: _interval(np.concatenate(parts), level, few=few) for name, parts in values.items()}


def draws(coded: Coded, needed: tuple[Distance, ...], *, seed: int, n_boot: int) -> Iterator[Sums]:
    """Yield the sums of resampled judgments, some draws at a time so that memory stays bounded."""
    of_units, of_annotators = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
    members, (first, sizes) = np.argsort(coded.stratum, kind="stable"), _strata(coded.stratum)
    size = max(1, min(n_boot, CHUNK // max(coded.n_units, coded.n_codes, coded.n_annotators)))
    for start in range(0, n_boot, size):
        count = min(size, n_boot - start)
        units = of_units.integers(0, coded.n_units, (count, coded.n_units))
        annotators = members[first + (of_annotators.random((count, coded.n_annotators)) * sizes).astype(np.int64)]
        yield resampled(coded, needed, tallies(units), tallies(annotators))


def _strata(stratum: Ints) -> tuple[Ints, Ints]:
    """Return for each annotator, ordered by stratum, where its stratum begins and how many it has."""
    sizes = np.bincount(stratum)
    return np.repeat(np.cumsum(sizes) - sizes, sizes), np.repeat(sizes, sizes)


def tallies(drawn: Ints) -> Floats:
    """Count how often each index occurs in each row of (B, n) drawn indices below n."""
    count, n = drawn.shape
    flat = np.bincount((drawn + n * np.arange(count)[:, None]).ravel(), minlength=count * n)
    return flat.reshape(count, n).astype(float)


def resampled(coded: Coded, needed: tuple[Distance, ...], unit_weights: Floats, annotator_weights: Floats) -> Sums:
    """Sum over the judgments under (B, U) weights of units and (B, A) weights of annotators."""
    ordered = sorted(needed, key=lambda distance: distance.matrix is not None)
    totals = kernel.empty_totals(len(unit_weights), coded.n_codes, len(ordered))
    kernel.sum_draws(_layout(coded), _distances(ordered, coded.n_codes), unit_weights, annotator_weights, totals)
    names = [distance.name for distance in ordered]
    sums = totals._asdict() | {
        "margins": symmetrized(coded, totals.margins),
        "prevalence": symmetrized(coded, totals.prevalence),
        "spread": dict(zip(names, totals.spread.T, strict=True)),
        "unit_spread": dict(zip(names, totals.unit_spread.T, strict=True)),
    }
    return Sums(**sums)


def _layout(coded: Coded) -> kernel.Layout:
    mirror = np.arange(coded.n_codes) if coded.mirror is None else np.ascontiguousarray(coded.mirror)
    return kernel.Layout(
        coded.annotator, coded.side, coded.run_start, coded.run_code, coded.unit_run, mirror, coded.cross
    )


def _distances(ordered: Sequence[Distance], n_codes: int) -> kernel.Distances:
    by_scores = [distance for distance in ordered if distance.matrix is None]
    scores, rank_row = np.zeros((len(by_scores), n_codes)), -1
    for row, distance in enumerate(by_scores):
        if distance.scores is None:
            rank_row = row
        else:
            scores[row] = distance.scores - distance.scores.mean()
    tables = [distance.matrix for distance in ordered if distance.matrix is not None]
    return kernel.Distances(scores, rank_row, np.array(tables) if tables else np.zeros((0, 1, 1)))


def _smallest_sample(coded: Coded) -> int:
    """Count the annotators that are resampled; across sides those of the smaller side, one alone being held fixed."""
    if not coded.cross:
        return coded.n_annotators
    sizes = np.bincount(coded.stratum)
    return int(min(sizes[sizes > 1], default=coded.n_annotators))


def _interval(values: Floats, level: float, *, few: bool) -> Interval:
    kept = values[np.isfinite(values)]
    notes = ["pigeonhole percentile"]
    if dropped := values.size - kept.size:
        notes.append(f"{dropped} draws dropped")
    if kept.size < max(LEAST_KEPT * values.size, 1):
        return Interval(None, None, level, ", ".join(["none", *notes[1:]]), int(kept.size))
    if few:
        notes.append(INDICATIVE)
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, ", ".join(notes), int(kept.size))
