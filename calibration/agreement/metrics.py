"""The agreement statistics as formulas of the sums, each under a name that says which it is.

Observed agreement p_o or disagreement D_o, expected p_e or D_e:

==========================  ================================================================================
percent_pooled              Σ_u agreeing pairs / Σ_u pairs
percent_unit_mean           mean over units of agreeing pairs / pairs
fleiss                      p_o = percent_unit_mean, p_e = Σ π_c², π_c = unit mean of the share of c
ac1, ac2_*                  p_e = Σ_kl w_kl / (K(K - 1)) · Σ π_c(1 - π_c)
brennan_prediger            p_e = Σ_kl w_kl / K²
alpha_*                     1 - D_o/D_e, D_o = Σ o_ck δ²_ck / n, D_e = Σ n_c n_k δ²_ck / (n(n - 1))
==========================  ================================================================================

The two ordinal families differ and carry their names: `alpha_ordinal_krippendorff` uses Krippendorff's mid-rank
distance, `alpha_ordinal_weights_gwet` and `ac2_ordinal` Gwet's weights 1 - C(|k - l| + 1, 2)/C(K, 2).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from calibration.agreement import distances
from calibration.agreement.coding import Coded, Floats, Marks
from calibration.agreement.distances import Distance, MakeDistance
from calibration.agreement.sums import Sums

NO_PAIRS = "no unit has two judgments to compare"
NO_VARIATION = "no variation: every compared judgment gives the same value"

Formula = Callable[[Coded, Sums, Distance | None], Floats]


class UnknownMetric(ValueError):
    """A statistic is asked for that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no agreement statistic {name!r}; choose from {', '.join(METRICS)}")


@dataclass(frozen=True, slots=True)
class Metric:
    """One statistic: its formula, and the distance between values that it needs."""

    name: str
    level: str
    formula: Formula
    distance: MakeDistance | None = None

    def of(self, coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
        """Return (B,) values, nan where undefined."""
        with np.errstate(invalid="ignore", divide="ignore"):
            value = self.formula(coded, sums, distance)
        return np.where(np.isfinite(value) & (sums.pairs > 0), value, np.nan)

    def prepare(self, coded: Coded) -> Distance | None:
        """Build the distance for these judgments.

        Raises
        ------
        TooManyValues
            If a table of all values by all values is needed and there are more than 1,000 values.
        """
        if self.distance in distances.TABULAR and coded.n_codes > distances.MOST_VALUES:
            raise distances.TooManyValues(self.name, coded.n_codes)
        return self.distance(coded) if self.distance else None


def named(names: Iterable[str]) -> list[Metric]:
    """Return the statistics of these names.

    Raises
    ------
    UnknownMetric
        If a name is not a key of `METRICS`.
    """
    chosen = []
    for name in names:
        if name not in METRICS:
            raise UnknownMetric(name)
        chosen.append(METRICS[name])
    return chosen


def _pooled(coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
    return sums.agree / sums.pairs


def _unit_mean(coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
    if distance:
        return 1 - sums.unit_spread[distance.name] / sums.units_paired
    return sums.unit_agree / sums.units_paired


def _fleiss(coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
    share = _shares(sums)
    expected = 1 - distance.expected(share) if distance else (share**2).sum(axis=1)
    return _corrected(_unit_mean(coded, sums, distance), expected)


def _gwet(coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
    share, k = _shares(sums), coded.n_codes
    expected = _weight(coded, distance) / (k * (k - 1)) * (share * (1 - share)).sum(axis=1) if k > 1 else np.ones(1)
    return _corrected(_unit_mean(coded, sums, distance), expected)


def _uniform(coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
    expected = np.full(sums.pairs.shape, _weight(coded, distance) / coded.n_codes**2)
    return _corrected(_unit_mean(coded, sums, distance), expected)


def _alpha(coded: Coded, sums: Sums, distance: Distance | None) -> Floats:
    n = sums.margins.sum(axis=1)
    if distance is None:
        apart, expected = sums.apart, n**2 - (sums.margins**2).sum(axis=1)
    else:
        apart, expected = sums.spread[distance.name], distance.expected(sums.margins)
    # Rounding leaves a trace where all values are equal; the scale of a distance is its largest value.
    expected = np.where(_varies(sums.margins), expected, 0)
    return 1 - apart * (n - 1) / expected


def _varies(margins: Floats) -> Marks:
    return (margins > 1e-9 * margins.sum(axis=1, keepdims=True)).sum(axis=1) > 1


def _corrected(observed: Floats, expected: Floats) -> Floats:
    room = 1 - expected
    return np.where(room > 1e-12, (observed - expected) / room, np.nan)


def _shares(sums: Sums) -> Floats:
    return sums.prevalence / sums.units[:, None]


def _weight(coded: Coded, distance: Distance | None) -> float:
    """Sum the weights w_kl = 1 - δ² of all two values."""
    k = coded.n_codes
    return float(k if distance is None else k**2 - distance.expected(np.ones((1, k)))[0])


METRICS = {
    metric.name: metric
    for metric in (
        Metric("percent_pooled", "nominal", _pooled),
        Metric("percent_unit_mean", "nominal", _unit_mean),
        Metric("alpha_nominal", "nominal", _alpha),
        Metric("alpha_ordinal_krippendorff", "ordinal", _alpha, distances.ordinal_krippendorff),
        Metric("alpha_interval", "interval", _alpha, distances.interval),
        Metric("alpha_ratio", "ratio", _alpha, distances.ratio),
        Metric("alpha_ordinal_weights_gwet", "ordinal", _alpha, distances.ordinal_gwet),
        Metric("ac1", "nominal", _gwet),
        Metric("ac2_linear", "linear", _gwet, distances.linear),
        Metric("ac2_quadratic", "quadratic", _gwet, distances.quadratic),
        Metric("ac2_ordinal", "ordinal", _gwet, distances.ordinal_gwet),
        Metric("fleiss", "nominal", _fleiss),
        Metric("fleiss_quadratic", "quadratic", _fleiss, distances.quadratic),
        Metric("brennan_prediger", "nominal", _uniform),
    )
}
