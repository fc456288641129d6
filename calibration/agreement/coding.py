"""Judgments as integers, sorted for the statistics: the one shape that every formula reads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


class DuplicateJudgments(ValueError):
    """An annotator judged one unit twice; agreement takes one judgment of each."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count:,} judgments repeat a unit that their annotator had judged; keep one judgment of each annotator"
        )


@dataclass(frozen=True, slots=True)
class Coded:
    """Judgments sorted by unit, then value, then annotator; a run is one value within one unit.

    Attributes
    ----------
    annotator
        (N,) index of the annotator of each judgment.
    side
        (N,) 0 or 1: two kinds of annotators, when only pairs across kinds count (`cross`); else all 0.
    run_start
        (R + 1,) first judgment of each run.
    run_code
        (R,) value of each run, 0 to n_codes - 1 in the order of the values.
    unit_run
        (U + 1,) first run of each unit.
    n_annotators, n_codes
        Sizes; n_codes counts the values that could be given, observed or not.
    scores
        (n_codes,) numeric value of each code; the codes themselves where values are not numbers.
    mirror
        (n_codes,) the code that each code becomes when the two sides of a comparison are exchanged; None where the
        chance term is not symmetrized.
    stratum
        (n_annotators,) number of the kind within which each annotator is resampled.
    cross
        Whether only pairs of different `side` count.
    """

    annotator: Ints
    side: Ints
    run_start: Ints
    run_code: Ints
    unit_run: Ints
    n_annotators: int
    n_codes: int
    scores: Floats
    mirror: Ints | None
    stratum: Ints
    cross: bool

    @property
    def n_units(self) -> int:
        """Count the units with a judgment."""
        return self.unit_run.size - 1

    @property
    def run_unit(self) -> Ints:
        """Return the unit of each run."""
        return np.repeat(np.arange(self.n_units), np.diff(self.unit_run))


def encode(
    unit: Ints,
    annotator: Ints,
    code: Ints,
    *,
    n_codes: int,
    scores: Floats | None = None,
    mirror: Ints | None = None,
    kind: Ints | None = None,
    cross: bool = False,
) -> Coded:
    """Sort judgments and mark their runs.

    Parameters
    ----------
    unit, annotator, code
        (N,) nonnegative integers; units and annotators keep their order but not their numbers.
    n_codes
        Number of values that could be given.
    scores, mirror
        See `Coded`.
    kind
        (N,) kind of each judgment's annotator, within which annotators are resampled.
    cross
        Count only pairs across the kinds 0 and 1.

    Raises
    ------
    DuplicateJudgments
        If an annotator occurs twice in one unit.
    """
    unit, n_units = _dense(unit)
    annotator, n_annotators = _dense(annotator)
    cells = unit * n_codes + code
    kinds = np.zeros(unit.size, np.int64) if kind is None else kind.astype(np.int64)
    stratum = np.zeros(n_annotators, np.int64)
    stratum[annotator] = kinds
    order = np.argsort(cells * max(n_annotators, 1) + annotator)
    cells = cells[order]
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    _refuse_repeats(unit, annotator, n_annotators)
    run_unit, run_code = np.divmod(cells[starts], n_codes)
    return Coded(
        annotator=annotator[order],
        side=kinds[order] if cross else np.zeros(order.size, np.int64),
        run_start=np.append(starts, order.size),
        run_code=run_code,
        unit_run=np.searchsorted(run_unit, np.arange(n_units + 1)),
        n_annotators=n_annotators,
        n_codes=n_codes,
        scores=np.arange(n_codes, dtype=float) if scores is None else np.asarray(scores, float),
        mirror=mirror,
        stratum=stratum,
        cross=cross,
    )


def _dense(index: Ints) -> tuple[Ints, int]:
    """Renumber without gaps; a table of marks is several times faster than sorting."""
    seen = np.zeros(int(index.max(initial=-1)) + 1, bool)
    seen[index] = True
    number = np.cumsum(seen) - 1
    return number[index], int(seen.sum())


def _refuse_repeats(unit: Ints, annotator: Ints, n_annotators: int) -> None:
    keys = np.sort(unit * max(n_annotators, 1) + annotator)
    repeats = int((np.diff(keys) == 0).sum())
    if repeats:
        raise DuplicateJudgments(repeats)
