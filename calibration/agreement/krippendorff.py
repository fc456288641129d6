"""Krippendorff's alpha through the `krippendorff` package, wherever its dense tables fit."""

from typing import Literal

import krippendorff
import numpy as np

from calibration.agreement.coding import Coded, Ints

MOST_BYTES = 256 * 2**20
Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: dict[str, Level] = {
    "alpha_nominal": "nominal",
    "alpha_ordinal_krippendorff": "ordinal",
    "alpha_interval": "interval",
    "alpha_ratio": "ratio",
}


def fits(coded: Coded) -> bool:
    """Say whether the package's table of units by values by values, 8 N V² bytes, stays within the limit."""
    return 8 * coded.n_units * coded.n_codes**2 <= MOST_BYTES


def alpha(coded: Coded, level: Level) -> float:
    """Compute alpha of judgments whose chance term is not symmetrized.

    Parameters
    ----------
    coded
        Judgments with at least one pair and two values among the pairs; not `cross`, and `fits`.
    level
        nominal, ordinal, interval or ratio.

    Returns
    -------
    float
        1 - D_o/D_e over the units with two judgments or more.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    domain = coded.scores if level in {"interval", "ratio"} else np.arange(coded.n_codes)
    return float(krippendorff.alpha(value_counts=_counts(coded), value_domain=domain, level_of_measurement=level))


def _counts(coded: Coded) -> Ints:
    table = np.zeros((coded.n_units, coded.n_codes), np.int64)
    table[coded.run_unit, coded.run_code] = np.diff(coded.run_start)
    return table
