"""How few judgments carry a rank: those whose removal would exchange two neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.bayes import bradley_terry, row_terms
from calibration.bayes.bradley_terry import PlainFit
from calibration.bayes.data import ComparisonData, FloatArray

SIDES = ("a", "tie", "b")
# the share of the way that one look at the influences may go before it looks again
STRIDE = 0.5


@dataclass(frozen=True, slots=True)
class Flip:
    """Say how many judgments have to go until ``second`` overtakes ``first``.

    ``n`` is None with a reason where no removal does it, 0 with a reason where the plain scale already has the two in
    the other order. ``gap_before`` and ``gap_after`` are differences of plain strengths, the latter from a refit
    without ``removed``: system_a, system_b, outcome, count.
    """

    first: str
    second: str
    n: int | None
    n_judgments: int
    gap_before: float
    gap_after: float
    removed: tuple[tuple[str, str, str, int], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Cells:
    """Hold how often each pair had each outcome."""

    a: npt.NDArray[np.integer]
    b: npt.NDArray[np.integer]
    outcome: npt.NDArray[np.integer]
    count: npt.NDArray[np.integer]
    n_systems: int

    @classmethod
    def of(cls, data: ComparisonData) -> _Cells:
        n = len(data.systems)
        pair = data.item_system_a[data.item].astype(np.int64) * n + data.item_system_b[data.item]
        keys, count = np.unique(pair * 3 + data.outcome, return_counts=True)
        return cls(keys // 3 // n, keys // 3 % n, keys % 3, count, n)

    def fit(self, count: npt.NDArray[np.integer], start: PlainFit | None = None) -> PlainFit:
        return bradley_terry.fit(self.a, self.b, self.outcome, count.astype(float), self.n_systems, start)

    def pull(self, fit: PlainFit, first: int, second: int) -> FloatArray:
        """Give how much one judgment of each cell holds ``first`` above ``second``: one Newton step of its removal."""
        gap = fit.strength[self.a] - fit.strength[self.b]
        by_gap, by_width = row_terms.scores(gap, np.full(gap.shape, np.exp(fit.log_width)), self.outcome)
        towards = fit.covariance[first] - fit.covariance[second]
        return by_gap * (towards[self.a] - towards[self.b]) + by_width * towards[-1]


def flip(data: ComparisonData, first: str, second: str) -> Flip:
    """Count the judgments whose removal lets one system overtake another on the plain Bradley-Terry scale.

    Greedy: the judgment that most holds the first above the second goes, by one Newton step of the penalized
    likelihood, and the strengths are fitted anew; far from the goal several equal judgments go at once. The count is
    an upper bound of the fewest; that the order flips is checked by the last refit.

    Raises
    ------
    ValueError
        When a system is unknown, or the two were never connected.

    References
    ----------
    Huang et al. 2025, arXiv:2508.11847.
    """
    for name in (first, second):
        if name not in data.systems:
            raise ValueError(f"Unknown system {name!r}; the data hold {', '.join(data.systems)}.")
    one, other = data.systems.index(first), data.systems.index(second)
    if data.system_component[one] != data.system_component[other]:
        raise ValueError(f"{first!r} and {second!r} were never connected by comparisons: they have no order.")
    cells = _Cells.of(data)
    start = cells.fit(cells.count)
    gap = float(start.strength[one] - start.strength[other])
    if gap <= 0:
        reason = "the plain scale, which knows no annotators, has them in the other order"
        return Flip(first, second, 0, data.n_judgments, gap, gap, (), reason)
    left, after = _remove(cells, start, one, other)
    taken = cells.count - left
    removed = tuple(
        (data.systems[cells.a[k]], data.systems[cells.b[k]], SIDES[cells.outcome[k]], int(taken[k]))
        for k in np.flatnonzero(taken)
    )
    if after > 0:
        return Flip(first, second, None, data.n_judgments, gap, after, (), "no removal exchanges them")
    return Flip(first, second, int(taken.sum()), data.n_judgments, gap, after, removed, "")


def _remove(cells: _Cells, fit: PlainFit, one: int, other: int) -> tuple[npt.NDArray[np.integer], float]:
    """Take judgments away until the gap is negative or nothing helps."""
    left = cells.count.copy()
    gap = float(fit.strength[one] - fit.strength[other])
    while gap > 0:
        pull = np.where(left > 0, cells.pull(fit, one, other), -np.inf)
        best = int(pull.argmax())
        if not pull[best] > 0:
            break
        left[best] -= min(int(left[best]), max(1, int(STRIDE * gap / pull[best])))
        fit = cells.fit(left, fit)
        gap = float(fit.strength[one] - fit.strength[other])
    return left, gap
