"""The true rate behind a judge's rate, given how often the judge is right on items with a known answer."""

import numpy as np
import scipy.special

from calibration.validity.results import LEVEL, Estimate, undefined

LEAST_YOUDEN = 0.1


def rate(
    judged: float,
    n: int,
    sensitivity: float,
    n_positive: int,
    specificity: float,
    n_negative: int,
    *,
    level: float = LEVEL,
) -> Estimate:
    """Correct a rate for what the judge misses and what it sees in error.

    p = (q + sp - 1)/(se + sp - 1), clipped to [0, 1];
    var = [q(1 - q)/N + p² se(1 - se)/n₁ + (1 - p)² sp(1 - sp)/n₀]/(se + sp - 1)²; normal interval within [0, 1].

    Parameters
    ----------
    judged, n
        The judge's rate q on N items.
    sensitivity, n_positive, specificity, n_negative
        The judge's rate of right answers on n₁ positive and n₀ negative items of an external calibration set.
    level
        Mass of the interval.

    Returns
    -------
    Estimate
        Undefined when se + sp - 1 < 0.1: such a judge says nothing about the rate.

    References
    ----------
    Rogan, Gladen (1978), doi:10.1093/oxfordjournals.aje.a112510.
    """
    youden = sensitivity + specificity - 1
    if youden < LEAST_YOUDEN:
        return undefined("true rate", "the judge's sensitivity and specificity hardly exceed chance", n=n, level=level)
    value = float(np.clip((judged + specificity - 1) / youden, 0, 1))
    parts = (
        judged * (1 - judged) / n,
        value**2 * sensitivity * (1 - sensitivity) / n_positive,
        (1 - value) ** 2 * specificity * (1 - specificity) / n_negative,
    )
    reach = scipy.special.ndtri((1 + level) / 2) * np.sqrt(sum(parts)) / youden
    return Estimate(
        name="true rate", value=value, ci_low=float(max(0.0, value - reach)), ci_high=float(min(1.0, value + reach)),
        ci_level=level, n=n_positive + n_negative, n_judge=n, recipe="Rogan-Gladen, delta method",
    )  # fmt: skip
