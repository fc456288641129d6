"""Agreement of two annotators from their table of judgments."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.special

from calibration.agreement.coding import Floats
from calibration.agreement.metrics import NO_PAIRS, NO_VARIATION


class InvalidTable(ValueError):
    """A table is not square, or holds something other than counts."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; give one row for each value of the first annotator, one column of the second")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAgreement:
    """A statistic of one table with its standard error and normal interval over items, the two annotators fixed."""

    metric: str
    value: float | None
    undefined_reason: str
    se: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float
    n: int


def cohen(
    table: npt.ArrayLike, *, weights: npt.ArrayLike | None = None, symmetric: bool = False, level: float = 0.9
) -> TableAgreement:
    """Estimate Cohen's kappa, agreement beyond what both annotators' own habits give.

    κ = (p_o - p_e)/(1 - p_e) with p_o = Σ w_kl p_kl and p_e = Σ w_kl p_1k p_2l. The standard error is that of the delta
    method for multinomial counts, the interval κ ± z se, cut at -1 and 1.

    Parameters
    ----------
    table
        (K, K) counts: rows the first annotator's value, columns the second's, in one order.
    weights
        (K, K) weights, 1 on the diagonal; by default 1 there and 0 elsewhere.
    symmetric
        For comparisons: average the table T with R T Rᵀ, R the exchange of the first and last value and so on.
    level
        Mass of the interval.

    Returns
    -------
    TableAgreement
        The value is None with a reason if the table is empty or p_e = 1.

    Raises
    ------
    InvalidTable
        If the table is not square or has negative or missing counts, or the weights have another shape.

    References
    ----------
    Cohen (1960), doi:10.1177/001316446002000104; Fleiss, Cohen and Everitt (1969), doi:10.1037/h0028106.
    """
    return _estimate("cohen", table, weights, symmetric, level)


def scott(
    table: npt.ArrayLike, *, weights: npt.ArrayLike | None = None, symmetric: bool = False, level: float = 0.9
) -> TableAgreement:
    """Estimate Scott's pi, agreement beyond what the habits of both annotators together give.

    π = (p_o - p_e)/(1 - p_e) with p_e = Σ w_kl p̄_k p̄_l and p̄ = (p_1 + p_2)/2.

    Parameters, results and errors are those of `cohen`.

    References
    ----------
    Scott (1955), doi:10.1086/266577.
    """
    return _estimate("scott", table, weights, symmetric, level)


def _estimate(
    metric: str, table: npt.ArrayLike, weights: npt.ArrayLike | None, symmetric: bool, level: float
) -> TableAgreement:
    counts = _checked(table)
    if symmetric:
        counts = (counts + counts[::-1, ::-1]) / 2
    weight = np.eye(len(counts)) if weights is None else np.asarray(weights, float)
    if weight.shape != counts.shape:
        raise InvalidTable(f"the weights are {weight.shape}, the table is {counts.shape}")
    n = float(counts.sum())
    found = _corrected(metric, counts / n, weight) if n else None
    if found is None:
        reason = NO_VARIATION if n else NO_PAIRS
        return TableAgreement(
            metric=metric, value=None, undefined_reason=reason, se=None, ci_low=None, ci_high=None, ci_level=level,
            n=round(n),
        )  # fmt: skip
    value, se = found[0], found[1] / np.sqrt(n)
    reach = float(scipy.special.ndtri((1 + level) / 2)) * se
    return TableAgreement(
        metric=metric,
        value=value,
        undefined_reason="",
        se=float(se),
        ci_low=max(float(value - reach), -1.0),
        ci_high=min(float(value + reach), 1.0),
        ci_level=level,
        n=round(n),
    )


def _checked(table: npt.ArrayLike) -> Floats:
    counts = np.asarray(table, float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise InvalidTable(f"the table has the shape {counts.shape}, not K by K")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise InvalidTable("the table holds negative or missing counts")
    return counts


def _corrected(metric: str, share: Floats, weight: Floats) -> tuple[float, float] | None:
    """Return the statistic and √n times its standard error, or None where chance alone agrees always."""
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    if metric == "scott":
        rows = columns = (rows + columns) / 2
    observed, expected = float((weight * share).sum()), float(rows @ weight @ columns)
    if 1 - expected < 1e-12:
        return None
    value = (observed - expected) / (1 - expected)
    # The change of p_e with one more judgment in cell (k, l).
    pull = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    if metric == "scott":
        both = (weight @ columns + rows @ weight) / 2
        pull = both[:, None] + both[None, :]
    slope = (weight * (1 - expected) - pull * (1 - observed)) / (1 - expected) ** 2
    variance = float((share * slope**2).sum() - (share * slope).sum() ** 2)
    return value, float(np.sqrt(max(variance, 0.0)))
