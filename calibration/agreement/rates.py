"""What each annotator's answers look like: shares of ties, of both bad, of the side shown first."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration.agreement import frames, wilson
from calibration.agreement.coding import Floats, Ints, Marks
from calibration.agreement.frames import TIE, Rows

# Outcomes run from b to a; the sign turns them towards the side shown first.
ORDERS = {"ba": 0, "ab": 1}


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its Wilson interval: `count` of `n`."""

    value: float
    ci_low: float
    ci_high: float
    ci_level: float
    count: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The answers of one annotator; ties include both bad, `both_bad` tells them apart.

    `first` and `second` are shares of the judgments whose shown order is known, None if there is none.
    """

    criterion: str | None
    annotator: str
    annotator_kind: str
    n_judgments: int
    tie: Share | None
    both_bad: Share | None
    first: Share | None
    second: Share | None


def rates(frame: pd.DataFrame, *, level: float = 0.9) -> list[Rates]:
    """Describe the answers of each annotator.

    Every judgment of the frame counts, repeats and later rounds too: these are descriptions of one annotator, not
    agreement. The interval of a share s of n is Wilson's: (s + z²/2n ± z √(s(1 - s)/n + z²/4n²)) / (1 + z²/n).

    Parameters
    ----------
    frame
        Long frame of comparisons: item, annotator, outcome, and optionally criterion, annotator_kind, system_a,
        system_b, shown_order ('ab', 'ba' or None).
    level
        Mass of the intervals.

    Returns
    -------
    list of Rates
        Ordered by criterion and annotator id.

    Raises
    ------
    MissingColumns, UnknownValues
        If the frame lacks a column or holds a value that is not allowed.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    found: list[Rates] = []
    for criterion, part in frames.by_criterion(frame):
        found += _rates(part, criterion, level)
    return found


def _rates(part: pd.DataFrame, criterion: str | None, level: float) -> Iterator[Rates]:
    rows = frames.read(part)
    kinds = _kinds(part, rows)
    toward = _first_side(part)
    judged = _count(rows, np.ones(len(part), bool))
    tie = _shares(_count(rows, rows.outcome == TIE), judged, level)
    both_bad = _shares(_count(rows, (part["outcome"] == "both_bad").to_numpy(bool)), judged, level)
    ordered = _count(rows, ~np.isnan(toward))
    first = _shares(_count(rows, toward == 1), ordered, level)
    second = _shares(_count(rows, toward == -1), ordered, level)
    for row, annotator in enumerate(rows.annotator_ids):
        yield Rates(
            criterion=criterion,
            annotator=annotator,
            annotator_kind=kinds[row],
            n_judgments=int(judged[row]),
            tie=tie[row],
            both_bad=both_bad[row],
            first=first[row],
            second=second[row],
        )


def _first_side(part: pd.DataFrame) -> Floats:
    """Return 1 where the side shown first won, -1 where the other, 0 for a tie, nan where the order is unknown."""
    if "shown_order" not in part:
        return np.full(len(part), np.nan)
    known = part["shown_order"].notna().to_numpy(bool)
    toward = np.full(len(part), np.nan)
    sign = 2 * frames.mapped(part["shown_order"][known], ORDERS) - 1
    toward[known] = sign * (frames.mapped(part["outcome"][known], frames.OUTCOMES) - TIE)
    return toward


def _kinds(part: pd.DataFrame, rows: Rows) -> list[str]:
    kind = np.zeros(len(rows.annotator_ids), np.int64)
    kind[rows.annotator] = np.arange(len(part))
    return ["human"] * kind.size if "annotator_kind" not in part else part["annotator_kind"].iloc[kind].tolist()


def _count(rows: Rows, chosen: Marks) -> Ints:
    return np.bincount(rows.annotator[chosen], minlength=len(rows.annotator_ids))


def _shares(count: Ints, of: Ints, level: float) -> list[Share | None]:
    low, high = wilson.interval(count, np.maximum(of, 1), level)
    found = zip(count.tolist(), of.tolist(), low.tolist(), high.tolist(), strict=True)
    return [Share(k / n, lower, upper, level, k, n) if n else None for k, n, lower, upper in found]
