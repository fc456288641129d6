"""A plain mixed-effects ordered logit: systems, and each annotator's lean to the first side and tie threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from tests.bench import answers
from tests.bench.answers import FloatArray

ROUNDS = 15
# Standard deviations of strengths, leans and log thresholds before the first round.
START_SD = np.array([1.0, 0.3, 0.5])


@dataclass(frozen=True, slots=True)
class Design:
    """Rows as indices: systems, annotator (-1 unknown), +1 where a was shown first and -1 where b was."""

    a: npt.NDArray[np.int64]
    b: npt.NDArray[np.int64]
    who: npt.NDArray[np.int64]
    first: FloatArray
    n_systems: int
    n_people: int

    @property
    def blocks(self) -> npt.NDArray[np.int64]:
        """Give the block of every random effect: 0 strengths, 1 leans, 2 log thresholds."""
        return np.repeat([0, 1, 2], [self.n_systems, self.n_people, self.n_people])

    def linear(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give location and threshold; the last two of ``z`` are the mean lean and the mean log threshold."""
        strength, lean, width = np.split(z[:-2], [self.n_systems, self.n_systems + self.n_people])
        known = self.who >= 0
        own_lean, own_width = (np.where(known, effect[self.who], 0.0) for effect in (lean, width))
        eta = strength[self.a] - strength[self.b] + (z[-2] + own_lean) * self.first
        return eta, np.exp(np.clip(z[-1] + own_width, -6.0, 3.0))

    def gathered(self, d_eta: FloatArray, d_width: FloatArray, *, squares: bool = False) -> FloatArray:
        """Sum rows' derivatives, or their squares, over what each effect bears on."""
        lean, side = (d_eta * self.first, 1.0 if squares else -1.0)
        if squares:
            d_eta, lean, d_width = d_eta**2, lean**2, d_width**2
        strength = np.bincount(self.a, d_eta, self.n_systems) + side * np.bincount(self.b, d_eta, self.n_systems)
        people = [np.bincount(self.who, values, self.n_people) for values in (lean, d_width)]
        return np.concatenate([strength, *people, [lean.sum(), d_width.sum()]])


def run(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit P(a) = sigmoid(eta - kappa), P(b) = sigmoid(-eta - kappa); spreads by EM with a diagonal Laplace step."""
    systems = pd.Index(sorted({*train["system_a"], *train["system_b"]}))
    people = pd.Index(sorted(set(train["annotator"])))
    design, outcome = _design(train, systems, people), answers.outcomes(train)
    z, sd = np.zeros(design.blocks.size + 2), START_SD
    for _ in range(ROUNDS):
        z = _mode(design, outcome, z, sd)
        _, _, d_eta, d_width = _rows(design, outcome, z)
        precision = design.gathered(d_eta, d_width, squares=True)[:-2] + sd[design.blocks] ** -2.0
        second = z[:-2] ** 2 + 1.0 / precision
        sd = np.sqrt([second[design.blocks == block].mean() for block in range(len(START_SD))])
    p = _chances(*_design(asked, systems, people).linear(z))
    return {"p": p.tolist(), "sd": sd.tolist()}


def _design(frame: pd.DataFrame, systems: pd.Index, people: pd.Index) -> Design:
    a, b = (systems.get_indexer(frame[side]) for side in ("system_a", "system_b"))
    if min(a.min(), b.min()) < 0:
        raise ValueError("A system of the held-out fold does not occur in the training fold.")
    return Design(a, b, people.get_indexer(frame["annotator"]), answers.first(frame), len(systems), len(people))


def _mode(design: Design, outcome: npt.NDArray[np.int64], start: FloatArray, sd: FloatArray) -> FloatArray:
    weight = np.append(sd[design.blocks] ** -2.0, [0.0, 0.0])

    def objective(z: FloatArray) -> tuple[float, FloatArray]:
        p, _, d_eta, d_width = _rows(design, outcome, z)
        return float(0.5 * weight @ z**2 - np.log(p).sum()), weight * z - design.gathered(d_eta, d_width)

    return minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x


def _rows(design: Design, outcome: npt.NDArray[np.int64], z: FloatArray) -> tuple[FloatArray, ...]:
    """Give each row's probability, threshold, and derivatives of its log by location and log threshold."""
    eta, kappa = design.linear(z)
    p = _chances(eta, kappa)
    a, tie, b = p.T
    slope_a, slope_b = a * (1 - a), b * (1 - b)
    d_eta = np.choose(outcome, [1 - a, (slope_b - slope_a) / tie, b - 1])
    d_kappa = np.choose(outcome, [a - 1, (slope_a + slope_b) / tie, b - 1])
    return p[np.arange(len(p)), outcome], kappa, d_eta, d_kappa * kappa


def _chances(eta: FloatArray, kappa: FloatArray) -> FloatArray:
    a, b = expit(eta - kappa), expit(-eta - kappa)
    return np.maximum(np.column_stack([a, 1 - a - b, b]), 1e-12)
