"""Bradley-Terry with a tie zone (Rao and Kupper), without annotators: the plain scale beside the full model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.bayes import row_terms
from calibration.bayes.data import FloatArray

STRENGTH_SD, LOG_WIDTH, LOG_WIDTH_SD = 3.0, -0.9, 1.0
STEPS, SMALL = 60, 1e-10
Cells = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class PlainFit:
    """Hold the penalized optimum: strengths (systems,), half width of the tie zone, and the inverse curvature.

    ``covariance`` (systems + 1, systems + 1) has the log tie width last.
    """

    strength: FloatArray
    log_width: float
    covariance: FloatArray

    def outcome(self, a: Cells, b: Cells) -> FloatArray:
        """Give P(a), P(tie), P(b) of pairs of systems, shape (pairs, 3)."""
        gap = self.strength[a] - self.strength[b]
        return row_terms.probabilities(gap, np.full(gap.shape, np.exp(self.log_width)))


def fit(
    a: Cells, b: Cells, outcome: Cells, weight: FloatArray, n_systems: int, start: PlainFit | None = None
) -> PlainFit:
    """Maximize the penalized likelihood of weighted cells (pair, outcome) by Fisher scoring.

    P(a) = sigma(gap - kappa), P(b) = sigma(-gap - kappa), strengths N(0, 3), log kappa N(-.9, 1): weak, so that a
    system that always won stays finite.

    References
    ----------
    Rao and Kupper 1967, doi:10.1080/01621459.1967.10482901.
    """
    at = np.append(np.zeros(n_systems), LOG_WIDTH)
    if start is not None:
        at = np.append(start.strength, start.log_width)
    center = np.append(np.zeros(n_systems), LOG_WIDTH)
    precision = np.append(np.full(n_systems, STRENGTH_SD**-2.0), LOG_WIDTH_SD**-2.0)
    for _ in range(STEPS):
        gap, kappa = at[a] - at[b], np.full(a.size, np.exp(at[-1]))
        gradient, curvature = _curvature(a, b, outcome, weight, gap, kappa, n_systems)
        step = np.linalg.solve(curvature + np.diag(precision), gradient - precision * (at - center))
        at = at + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < SMALL:
            break
    return PlainFit(at[:-1], float(at[-1]), np.linalg.inv(curvature + np.diag(precision)))


def _curvature(
    a: Cells, b: Cells, outcome: Cells, weight: FloatArray, gap: FloatArray, kappa: FloatArray, n: int
) -> tuple[FloatArray, FloatArray]:
    by_gap, by_width = row_terms.scores(gap, kappa, outcome)
    info = row_terms.information(gap, kappa) * weight
    gradient = np.append(
        np.bincount(a, weight * by_gap, n) - np.bincount(b, weight * by_gap, n), (weight * by_width).sum()
    )
    curvature = np.zeros((n + 1, n + 1))
    np.add.at(curvature, (a, a), info[0])
    np.add.at(curvature, (b, b), info[0])
    np.add.at(curvature, (a, b), -info[0])
    np.add.at(curvature, (b, a), -info[0])
    curvature[:n, n] = np.bincount(a, info[1], n) - np.bincount(b, info[1], n)
    curvature[n, :n] = curvature[:n, n]
    curvature[n, n] = info[2].sum()
    return gradient, curvature
