"""How far two values are apart: scores whose squared difference counts, or a table for every two values."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration.agreement.coding import Coded, Floats

MOST_VALUES = 1_000


class TooManyValues(ValueError):
    """A table of all values by all values would not fit."""

    def __init__(self, metric: str, count: int) -> None:
        super().__init__(
            f"{metric} compares every value with every other and takes at most {MOST_VALUES:,} different values, "
            f"not {count:,}; use alpha_nominal, alpha_ordinal_krippendorff or alpha_interval, or group the values"
        )


@dataclass(frozen=True, slots=True)
class Distance:
    """A squared distance δ² between values.

    Attributes
    ----------
    name
        Key of the sums.
    scores
        (K,) scores x with δ² = (x_c - x_k)²; None for mid-ranks, which follow from the margins.
    matrix
        (K, K) table of δ², or None.
    """

    name: str
    scores: Floats | None = None
    matrix: Floats | None = None

    def score(self, margins: Floats) -> Floats:
        """Return the scores, centered so that their squares lose no digits."""
        raw = midranks(margins) if self.scores is None else self.scores
        return raw - raw.mean()

    def expected(self, margins: Floats) -> Floats:
        """Sum n_c n_k δ² over all two values, for each row of (B, K) weights."""
        if self.matrix is not None:
            return np.einsum("bk,bk->b", margins @ self.matrix, margins)
        raw = midranks(margins) if self.scores is None else np.broadcast_to(self.scores, margins.shape)
        total = margins.sum(axis=-1, keepdims=True)
        mean = np.divide((margins * raw).sum(axis=-1, keepdims=True), total, out=np.zeros_like(total), where=total > 0)
        return 2 * total[:, 0] * (margins * (raw - mean) ** 2).sum(axis=-1)


def midranks(margins: Floats) -> Floats:
    """Return the count below each value plus half its own: Krippendorff's ordinal δ is their difference."""
    return np.cumsum(margins, axis=-1) - margins / 2


def ordinal_krippendorff(coded: Coded) -> Distance:
    """δ_ck = Σ_{g=c..k} n_g - (n_c + n_k)/2."""
    return Distance("ordinal_krippendorff")


def interval(coded: Coded) -> Distance:
    """δ_ck = c - k."""
    return Distance("interval", scores=coded.scores)


def ratio(coded: Coded) -> Distance:
    """δ_ck = (c - k)/(c + k), 0 for two zeros."""
    top, bottom = np.subtract.outer(coded.scores, coded.scores), np.add.outer(coded.scores, coded.scores)
    return Distance("ratio", matrix=np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0) ** 2)


def linear(coded: Coded) -> Distance:
    """1 - w_kl = |k - l| / (range of the values)."""
    return Distance("linear", matrix=_relative(coded))


def quadratic(coded: Coded) -> Distance:
    """1 - w_kl = (k - l)² / (range of the values)²."""
    return Distance("quadratic", scores=coded.scores / _range(coded))


def ordinal_gwet(coded: Coded) -> Distance:
    """1 - w_kl = C(|k - l| + 1, 2) / C(K, 2)."""
    index = np.arange(coded.n_codes)
    apart = np.abs(np.subtract.outer(index, index)) + 1.0
    most = max(coded.n_codes * (coded.n_codes - 1) / 2, 1)
    return Distance("ordinal_gwet", matrix=apart * (apart - 1) / 2 / most)


def _relative(coded: Coded) -> Floats:
    return np.abs(np.subtract.outer(coded.scores, coded.scores)) / _range(coded)


def _range(coded: Coded) -> float:
    return float(np.ptp(coded.scores)) or 1.0


MakeDistance = Callable[[Coded], Distance]
# Those that need the whole table.
TABULAR: tuple[MakeDistance, ...] = (ratio, linear, ordinal_gwet)
