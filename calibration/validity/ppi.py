"""Prediction-powered inference for a mean: human labels on some items, a judge's labels on all of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.special

from calibration.validity.results import LEVEL, Estimate, undefined

FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Powered:
    """The estimate with the judge, the one of people alone beside it, and what the judge was given to say."""

    powered: Estimate
    human_only: Estimate
    weight: float | None

    @property
    def gain(self) -> float | None:
        """Return by which share the judge narrows the interval of people alone; negative when it widens it."""
        with_judge, without = self.powered.width, self.human_only.width
        return None if not without or with_judge is None else 1 - with_judge / without


def mean(
    human: npt.ArrayLike,
    judge_on_labeled: npt.ArrayLike,
    judge_on_rest: npt.ArrayLike,
    *,
    weight: float | None = None,
    level: float = LEVEL,
    name: str = "mean",
) -> Powered:
    """Estimate the mean of what people would say over all items (PPI++).

    θ = mean(Y) + λ (mean_N f - mean_n f) with λ = cov(Y, f) / ((1 + n/N) var f), clipped to [0, 1];
    var = var(Y - λf)/n + λ² var(f)/N; normal interval. λ = 0 is people alone, λ = 1 is PPI.

    Parameters
    ----------
    human, judge_on_labeled
        The human and the judge's value of the n labeled items, which must be a random sample of all.
    judge_on_rest
        The judge's values of the N items without a human label.
    weight
        λ, estimated unless given.
    level
        Mass of the interval.
    name
        Name of the estimates.

    Returns
    -------
    Powered
        Both estimates undefined below two labeled items; without other items both are those of people alone.

    Raises
    ------
    ValueError
        If a labeled item lacks one of its two values, or a value is not finite.

    References
    ----------
    Angelopoulos, Duchi, Zrnic (2023), arXiv:2311.01453.
    """
    y, f, rest = (np.asarray(values, float) for values in (human, judge_on_labeled, judge_on_rest))
    if y.shape != f.shape or not all(np.isfinite(values).all() for values in (y, f, rest)):
        raise ValueError("Each labeled item needs a finite human and a finite judge's value.")
    n, others = len(y), len(rest)
    if n < FEWEST:
        nothing = undefined(name, "fewer than two items have a human label", n=n, level=level)
        return Powered(powered=nothing, human_only=nothing, weight=None)
    alone = _normal(name, y.mean(), y.var(ddof=1) / n, level, n, 0, "human labels alone")
    lam = (_best_weight(y, f, rest) if weight is None else weight) if others else 0.0
    shift = rest.mean() - f.mean() if others else 0.0
    variance = (y - lam * f).var(ddof=1) / n
    if others > 1:
        variance += lam**2 * rest.var(ddof=1) / others
    with_judge = _normal(name, y.mean() + lam * shift, variance, level, n, others, f"PPI++, weight {lam:.3f}")
    return Powered(powered=with_judge, human_only=alone, weight=float(lam))


def _best_weight(y: npt.NDArray[np.float64], f: npt.NDArray[np.float64], rest: npt.NDArray[np.float64]) -> float:
    spread = np.concatenate([f, rest]).var(ddof=1)
    if spread == 0:
        return 0.0
    covariance = np.cov(y, f, ddof=1)[0, 1]
    return float(np.clip(covariance / ((1 + len(y) / len(rest)) * spread), 0, 1))


def _normal(name: str, value: float, variance: float, level: float, n: int, others: int, recipe: str) -> Estimate:
    reach = scipy.special.ndtri((1 + level) / 2) * np.sqrt(variance)
    return Estimate(
        name=name, value=float(value), ci_low=float(value - reach), ci_high=float(value + reach), ci_level=level,
        n=n, n_judge=others, recipe=recipe,
    )  # fmt: skip
