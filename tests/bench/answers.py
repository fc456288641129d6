"""Turn comparisons into numbers, and scores without ties into probabilities of a, tie and b."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_softmax

FloatArray = npt.NDArray[np.float64]
CODES = {"a": 0, "tie": 1, "both_bad": 1, "b": 2}
# Beyond, a maximum without penalty runs off to infinity: a system that won, or lost, every judgment of the fold.
MAX_MARGIN = 12.0
FLOOR = 1e-9


def outcomes(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Code outcomes as 0 = a, 1 = tie, 2 = b."""
    return frame["outcome"].map(CODES).to_numpy(np.int64)


def credit(frame: pd.DataFrame) -> FloatArray:
    """Give what a judgment is worth for system a: 1, a half for a tie, 0."""
    return 1.0 - outcomes(frame) / 2.0


def first(frame: pd.DataFrame) -> FloatArray:
    """Tell which side was shown first: +1 a, -1 b, 0 unknown."""
    return frame["shown_order"].map({"ab": 1.0, "ba": -1.0}).fillna(0.0).to_numpy(float)


def gaps(score: pd.Series, frame: pd.DataFrame) -> FloatArray:
    """Give score a minus score b; a system that training did not show has the mean score."""
    known = score - score.mean()
    a, b = (frame[side].map(known).fillna(0.0).to_numpy(float) for side in ("system_a", "system_b"))
    return a - b


def with_ties(margin: FloatArray, outcome: npt.NDArray[np.int64], asked: FloatArray) -> FloatArray:
    r"""Complete margins (log-odds of a against b) by the two numbers that fit the training fold best.

    P(a) : P(tie) : P(b) = exp(slope m / 2) : exp(tie) : exp(-slope m / 2), the model of Davidson. The slope lets a
    method that is too sure, or whose scores have another unit, be put right.

    Parameters
    ----------
    margin, outcome
        Of the training fold.
    asked
        Margins to complete.

    Returns
    -------
    array
        Shape (asked, 3): a, tie, b.

    References
    ----------
    Davidson 1970, doi:10.1080/01621459.1970.10481082.
    """
    given = np.clip(margin, -MAX_MARGIN, MAX_MARGIN)

    def loss(z: FloatArray) -> float:
        return float(-log_chances(given, z)[np.arange(given.size), outcome].mean())

    best = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9}).x
    return np.exp(log_chances(np.clip(asked, -MAX_MARGIN, MAX_MARGIN), best))


def log_chances(margin: FloatArray, z: FloatArray) -> FloatArray:
    """Give the logs of Davidson's three probabilities; ``z`` is slope and log weight of a tie."""
    half = z[0] * margin / 2.0
    return np.asarray(log_softmax(np.column_stack([half, np.full(half.size, z[1]), -half]), axis=1))


def log_loss(p: FloatArray, outcome: npt.NDArray[np.int64]) -> FloatArray:
    """Give each row's negative log probability of what was answered, in nats."""
    return -np.log(np.maximum(p[np.arange(len(p)), outcome], FLOOR))
