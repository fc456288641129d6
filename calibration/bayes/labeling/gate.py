"""Decide whether the chains of a model agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from calibration.bayes.labeling.data import FloatArray
from calibration.bayes.labeling.records import Halves, Record

MAX_RHAT, MAX_FAR_RHAT = 1.1, 1.5
MOST, NEARLY_ALL = 0.99, 0.999
IMMATERIAL = 0.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Convergence figures of one model's chains and the bars they missed."""

    passed: bool
    reasons: tuple[str, ...]
    chains: int
    sweeps: int
    rhat_class: float
    rhat_class_99: float
    rhat_skill: float
    rhat_skill_99: float
    rhat_population: float
    gap_class: float

    def as_dict(self) -> dict[str, Any]:
        """Give the figures as plain values for a JSON field."""
        return asdict(self) | {"reasons": list(self.reasons)}


def check(records: Sequence[Record], sweeps: int) -> Verdict:
    """Compare the halves of all chains of one model.

    Split R-hat of every item's class probabilities and every annotator's accuracy: below 1.1 for 99 of 100
    of each, below 1.5 for 999 of 1,000. A fit has thousands of them and a few hundred correlated draws of each, so the
    largest lies above 1.1 even when all chains sample one distribution. A class probability's within-chain variance
    counts as at least .1 squared: near 0 or 1 a chain hardly moves, its plain R-hat is a ratio of two vanishing
    numbers, and with this floor chains fail that differ by more than about .08 there.

    Parameters
    ----------
    records
        One a chain, at least two.
    sweeps
        Swept a chain, for the verdict.

    Returns
    -------
    Verdict
        ``gap_class`` is the largest difference between two chains' means of one class probability;
        ``rhat_population`` (spread, group means, class shares) is shown and not barred.

    References
    ----------
    Gelman et al. 2013, Bayesian Data Analysis, section 11.4 (split R-hat).
    """
    classes = _split_rhat([one.q for one in records], IMMATERIAL)
    skills = _split_rhat([one.skill for one in records])
    population = _split_rhat([_halves(np.stack(one.traces)) for one in records])
    gap = float(np.ptp(np.stack([one.q.mean().mean(axis=0) for one in records]), axis=0).max())
    reasons = _missed("class probabilities", classes) + _missed("annotators' accuracy", skills)
    return Verdict(
        passed=not reasons,
        reasons=reasons,
        chains=len(records),
        sweeps=sweeps,
        rhat_class=float(classes.max()),
        rhat_class_99=float(np.quantile(classes, MOST)),
        rhat_skill=float(skills.max()),
        rhat_skill_99=float(np.quantile(skills, MOST)),
        rhat_population=float(population.max()),
        gap_class=gap,
    )


def _missed(what: str, rhat: FloatArray) -> tuple[str, ...]:
    most, nearly_all = np.quantile(rhat, [MOST, NEARLY_ALL])
    if most < MAX_RHAT and nearly_all < MAX_FAR_RHAT:
        return ()
    return (
        f"R-hat of {what}: 99% are below {most:.2f}, 99.9% below {nearly_all:.2f}; "
        f"the bars are {MAX_RHAT} and {MAX_FAR_RHAT}",
    )


def _split_rhat(halves: Sequence[Halves], immaterial: float = 1e-6) -> FloatArray:
    mean = np.concatenate([one.mean() for one in halves]).astype(float)
    within = np.concatenate([one.variance() for one in halves]).astype(float).mean(axis=0)
    n = min(int(one.n.min()) for one in halves)
    between = mean.var(axis=0, ddof=1)
    return np.asarray(np.sqrt((n - 1) / n + between / np.maximum(within, immaterial**2)))


def _halves(trace: FloatArray) -> Halves:
    found = Halves(trace.shape[1:])
    for position, value in enumerate(trace):
        found.add(2 * position // len(trace), value)
    return found
