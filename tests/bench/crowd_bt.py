"""Bradley-Terry in which every annotator is right with a probability of their own (Crowd-BT)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit

from tests.bench import answers
from tests.bench.answers import FloatArray

# A Beta(10, 1) prior of being right, and a standard deviation of 2 of the strengths: enough to keep both finite.
RIGHT, STRENGTH_SD = 9.0, 2.0


def run(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    r"""Fit P(a) = eta_k sigmoid(d) + (1 - eta_k) sigmoid(-d), a tie as half of each answer, and complete it.

    References
    ----------
    Chen, Bennett, Collins-Thompson and Horvitz 2013, doi:10.1145/2433396.2433420.
    """
    systems = pd.Index(sorted({*train["system_a"], *train["system_b"]}))
    people = pd.Index(sorted(set(train["annotator"])))
    a, b = (systems.get_indexer(train[side]) for side in ("system_a", "system_b"))
    who, won = people.get_indexer(train["annotator"]), answers.credit(train)
    n = len(systems)

    def objective(z: FloatArray) -> tuple[float, FloatArray]:
        theta, right = z[:n], expit(z[n:])
        up = expit(theta[a] - theta[b])
        p = np.clip(right[who] * up + (1 - right[who]) * (1 - up), 1e-12, 1 - 1e-12)
        d_p = won / p - (1 - won) / (1 - p)
        d_gap = d_p * (2 * right[who] - 1) * up * (1 - up)
        d_theta = np.bincount(a, d_gap, n) - np.bincount(b, d_gap, n) - theta / STRENGTH_SD**2
        d_right = np.bincount(who, d_p * (2 * up - 1), len(people)) * right * (1 - right) + RIGHT * (1 - right)
        value = (won * np.log(p) + (1 - won) * np.log(1 - p)).sum() - 0.5 * (theta @ theta) / STRENGTH_SD**2
        return -float(value + RIGHT * np.log(right).sum()), -np.concatenate([d_theta, d_right])

    start = np.concatenate([np.zeros(n), np.full(len(people), 2.0)])
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 1_000}).x
    strength = pd.Series(found[:n], index=systems)
    reliability = pd.Series(expit(found[n:]), index=people)
    margins = [_margin(strength, reliability, frame) for frame in (train, asked)]
    return {"p": answers.with_ties(margins[0], answers.outcomes(train), margins[1]).tolist()}


def _margin(strength: pd.Series, reliability: pd.Series, frame: pd.DataFrame) -> FloatArray:
    up = expit(answers.gaps(strength, frame))
    right = frame["annotator"].map(reliability).fillna(reliability.mean()).to_numpy(float)
    return np.asarray(logit(np.clip(right * up + (1 - right) * (1 - up), 1e-6, 1 - 1e-6)))
