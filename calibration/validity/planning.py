"""How many items for people and for judges, so that an interval becomes as narrow as wanted at the least cost."""

import math
from dataclasses import dataclass

import scipy.special

from calibration.validity.results import LEVEL


class CannotReach(ValueError):
    """No number of labels reaches the wanted interval as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Items to label: people label a random `n_human`, the judge all `n_human + n_judge_only`."""

    n_human: int
    n_judge_only: int
    cost: float
    width: float
    human_only_n: int
    human_only_cost: float

    @property
    def saving(self) -> float:
        """Return the share of the cost of people alone that the judge saves; 0 when it does not help."""
        return max(0.0, 1 - self.cost / self.human_only_cost)


def plan(
    *,
    width: float,
    human_cost: float,
    judge_cost: float,
    correlation: float,
    sd: float = 0.5,
    most_items: int = 1_000_000,
    level: float = LEVEL,
) -> Plan:
    """Choose the cheapest mix whose PPI++ interval of a mean is at most `width` wide.

    With correlation r of human and judge values, sd s of the human ones, and the best weight, the variance is
    s²/n (1 - r² N/(n + N)) with n human items and N others. For each n the least N follows; the cost
    n (c_h + c_j) + N c_j is convex in n and the least of it is taken.

    Parameters
    ----------
    width
        Width of the wanted interval.
    human_cost, judge_cost
        Cost of one human label and of the judge on one item.
    correlation
        Of the human and the judge's value over items, at least 0.
    sd
        Standard deviation of the human values; 0.5 is the most a rate can have.
    most_items
        Items there are.
    level
        Mass of the interval.

    Raises
    ------
    CannotReach
        If the inputs are out of range, or even all items labeled by people leave the interval wider.
    """
    if width <= 0 or human_cost <= 0 or judge_cost < 0 or sd <= 0 or not 0 <= correlation < 1:
        raise CannotReach("Width, cost and spread are above 0, and the correlation lies between 0 and 1.")
    wanted = (width / (2 * scipy.special.ndtri((1 + level) / 2))) ** 2
    alone = math.ceil(sd**2 / wanted)
    if alone > most_items:
        raise CannotReach(f"Even {most_items:,} human labels leave the interval wider than {width:g}.")
    best = (alone * human_cost, alone, 0)
    least = max(2, math.ceil(sd**2 * (1 - correlation**2) / wanted))
    step = max(1, (alone - least) // 20_000)
    for n in range(least, alone, step):
        others = _others(n, wanted, correlation, sd)
        if others is None or n + others > most_items:
            continue
        best = min(best, (n * (human_cost + judge_cost) + others * judge_cost, n, others))
    cost, n, others = best
    return Plan(
        n_human=n, n_judge_only=others, cost=cost, width=_width(n, others, correlation, sd, level),
        human_only_n=alone, human_only_cost=alone * human_cost,
    )  # fmt: skip


def _others(n: int, wanted: float, correlation: float, sd: float) -> int | None:
    """Return the least N with s²/n (1 - r² N/(n + N)) <= wanted."""
    share = (1 - wanted * n / sd**2) / correlation**2 if correlation else math.inf
    if share >= 1:
        return None
    return max(0, math.ceil(n * share / (1 - share)))


def _width(n: int, others: int, correlation: float, sd: float, level: float) -> float:
    used = correlation if others else 0.0
    variance = sd**2 / n * (1 - used**2 * others / (n + others))
    return float(2 * scipy.special.ndtri((1 + level) / 2) * math.sqrt(variance))
