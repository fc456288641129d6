"""Logistic regression with standard errors over clusters; small, so that every term is in sight."""

import numpy as np
import numpy.typing as npt
import scipy.special

from calibration.validity.results import LEVEL, Estimate, undefined

PRIOR_SD = 3.0
STEPS, CLOSE = 100, 1e-9
FEWEST = 20

type Floats = npt.NDArray[np.float64]


def fit(
    design: Floats, outcome: Floats, clusters: npt.NDArray[np.object_], names: list[str], *, n_free: int
) -> list[Estimate]:
    """Fit by Newton's method and return the first coefficients with sandwich intervals.

    The first `n_free` columns are unpenalized; the others carry a normal prior (mean 0, sd 3). Covariance: H⁻¹ S H⁻¹
    with S the sum of outer products of the clusters' scores, times G/(G - 1) for G clusters.

    Parameters
    ----------
    design
        One row a decided verdict.
    outcome
        1 or 0.
    clusters
        The item of each row.
    names
        Of the leading columns whose coefficients are wanted.
    n_free
        How many leading columns have no prior.

    Returns
    -------
    list of Estimate
        Undefined below twenty rows, or where the choice is the same in every row.
    """
    n = len(outcome)
    if n < FEWEST or outcome.min() == outcome.max():
        reason = f"from {FEWEST} decided verdicts on" if n < FEWEST else "every decided verdict went to the same slot"
        return [undefined(name, reason, n=n) for name in names]
    penalty = np.full(design.shape[1], PRIOR_SD**-2)
    penalty[:n_free] = 0.0
    beta = _newton(design, outcome, penalty)
    if beta is None:
        return [undefined(name, "the verdicts separate completely", n=n) for name in names]
    spread = _sandwich(design, outcome, clusters, beta, penalty)
    reach = scipy.special.ndtri((1 + LEVEL) / 2) * np.sqrt(np.diag(spread))
    return [
        Estimate(
            name=name, value=float(beta[k]), ci_low=float(beta[k] - reach[k]), ci_high=float(beta[k] + reach[k]),
            ci_level=LEVEL, n=n, recipe="logit, items as clusters",
        )
        for k, name in enumerate(names)
    ]  # fmt: skip


def _newton(design: Floats, outcome: Floats, penalty: Floats) -> Floats | None:
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = scipy.special.expit(design @ beta)
        gradient = design.T @ (outcome - p) - penalty * beta
        step = np.linalg.lstsq(_hessian(design, p, penalty), gradient, rcond=None)[0]
        beta += np.clip(step, -2, 2)
        if np.abs(beta).max() > 30:
            return None
        if np.abs(step).max() < CLOSE:
            return beta
    return None


def _hessian(design: Floats, p: Floats, penalty: Floats) -> Floats:
    return design.T @ (design * (p * (1 - p))[:, None]) + np.diag(penalty)


def _sandwich(
    design: Floats, outcome: Floats, clusters: npt.NDArray[np.object_], beta: Floats, penalty: Floats
) -> Floats:
    p = scipy.special.expit(design @ beta)
    _, groups = np.unique(clusters.astype(str), return_inverse=True)
    scores = np.zeros((groups.max() + 1, design.shape[1]))
    np.add.at(scores, groups, design * (outcome - p)[:, None])
    bread = np.linalg.pinv(_hessian(design, p, penalty))
    count = len(scores)
    return bread @ (scores.T @ scores) @ bread * count / max(count - 1, 1)
