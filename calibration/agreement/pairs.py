"""Agreement of every two annotators on the comparisons that both judged."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse

from calibration.agreement import frames, wilson
from calibration.agreement.coding import Floats, Ints, Marks
from calibration.agreement.frames import Rows
from calibration.agreement.metrics import NO_VARIATION

MOST_PAIRS = 5_000_000


class TooManyPairs(ValueError):
    """The table of annotator pairs would not fit."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"there may be {count:,} pairs of annotators with a common item, more than {MOST_PAIRS:,}; "
            "pass the rows of fewer annotators or items"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """How far two annotators agree on their common items; no figure below the minimum of items.

    The intervals stand for the items: percent has Wilson's, alpha the same through its definition with the expected
    disagreement held at its value: slightly wide, for the two vary together.
    """

    criterion: str | None
    first: str
    second: str
    n_items: int
    percent: float | None
    percent_low: float | None
    percent_high: float | None
    alpha_nominal: float | None
    alpha_low: float | None
    alpha_high: float | None
    ci_level: float
    undefined_reason: str


def pair_matrix(frame: pd.DataFrame, *, minimum: int = 20, level: float = 0.9) -> list[Pair]:
    """Measure percent agreement and nominal alpha of each two annotators with a common item.

    For two annotators with n common items, of which they agree on s: percent = s/n and alpha = 1 - D_o/D_e with
    D_o = 1 - s/n, D_e = (n'² - Σ n_c²)/(n'(n' - 1)), n' = 2n, n_c the symmetrized number of judgments c of both.

    Parameters
    ----------
    frame
        As for `comparisons`; the same rows count.
    minimum
        Common items needed for figures.
    level
        Mass of the intervals.

    Returns
    -------
    list of Pair
        Ordered by criterion, first and second annotator id. Both figures are None with a reason below the minimum,
        alpha also if both only gave ties.

    Raises
    ------
    MissingColumns, UnknownValues
        As for `comparisons`.
    TooManyPairs
        If more than 5,000,000 pairs may have a common item.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; Wilson (1927),
    doi:10.1080/01621459.1927.10502953.
    """
    found: list[Pair] = []
    for criterion, part in frames.by_criterion(frame):
        rows = frames.read(part)
        found += _pairs(rows.among(rows.used), criterion, minimum, level)
    return found


def _pairs(rows: Rows, criterion: str | None, minimum: int, level: float) -> Iterator[Pair]:
    names = rows.annotator_ids
    first, second, common, agree, margins = _tables(rows, len(names))
    total = 2 * common
    expected = total**2 - (margins**2).sum(axis=1)
    share = agree / common
    ends = np.vstack([share, *wilson.interval(agree, common, level)])
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = np.where(expected > 0, 1 - (1 - ends) * total * (total - 1) / expected, np.nan)
    for row in range(first.size):
        n = int(common[row])
        few = f"{n} common items, {minimum} needed" if n < minimum else ""
        constant = "" if few or np.isfinite(alpha[0, row]) else NO_VARIATION
        percent = [None] * 3 if few else ends[:, row].tolist()
        nominal = [None] * 3 if few or constant else alpha[:, row].tolist()
        yield Pair(
            criterion=criterion,
            first=names[first[row]],
            second=names[second[row]],
            n_items=n,
            percent=percent[0],
            percent_low=percent[1],
            percent_high=percent[2],
            alpha_nominal=nominal[0],
            alpha_low=nominal[1],
            alpha_high=nominal[2],
            ci_level=level,
            undefined_reason=few or constant,
        )


def _tables(rows: Rows, n_annotators: int) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Count common items, agreements and symmetrized judgments by outcome of each two annotators who share an item."""
    n_units = int(rows.unit.max(initial=-1)) + 1
    per_unit = np.bincount(rows.unit, minlength=n_units)
    if (most := min(int((per_unit * (per_unit - 1)).sum()), n_annotators * (n_annotators - 1)) // 2) > MOST_PAIRS:
        raise TooManyPairs(most)
    everything = _judged(rows, np.ones(rows.unit.size, bool), n_annotators, n_units)
    common = scipy.sparse.triu(everything @ everything.T, k=1).tocoo()
    first, second = common.row, common.col
    order = np.lexsort((second, first))
    first, second, shared = first[order], second[order], common.data[order]
    agree, margins = np.zeros(first.size), np.zeros((first.size, 3))
    for outcome in range(3):
        given = _judged(rows, rows.outcome == outcome, n_annotators, n_units)
        agree += _at(given @ given.T, first, second)
        with_all = given @ everything.T
        margins[:, outcome] = _at(with_all, first, second) + _at(with_all, second, first)
    return first, second, shared, agree, (margins + margins[:, ::-1]) / 2


def _judged(rows: Rows, chosen: Marks, n_annotators: int, n_units: int) -> scipy.sparse.csr_array:
    place = (rows.annotator[chosen], rows.unit[chosen])
    return scipy.sparse.csr_array((np.ones(place[0].size), place), shape=(n_annotators, n_units))


def _at(table: scipy.sparse.csr_array, row: Ints, column: Ints) -> Floats:
    return np.asarray(table[row, column]).ravel() if row.size else np.zeros(0)
