"""Priors of the comparison model, all on the scale on which the average human discriminates with slope 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.bayes.data import COVARIATES, FloatArray

# what describes an annotator, in the order of every array of annotators
PARAMETERS = ("discrimination", *(f"{name}_bias" for name in COVARIATES), "log_tie_width")


@dataclass(frozen=True, slots=True)
class GroupPrior:
    """Describe a parameter that a group's annotators partly share: mean ~ N(mean, mean_sd), sd ~ HalfNormal(sd)."""

    mean: float
    mean_sd: float
    sd: float


@dataclass(frozen=True, slots=True)
class ComparisonPriors:
    """Hold every prior of the comparison model.

    A Student-t tail of ``tail`` degrees keeps spammers (slope near 0) and adversaries (slope below 0) from
    dragging the scale of everybody else. ``lapse`` is the share of people's answers that are random over the menu; None
    estimates it, with log-odds N(``lapse_mean``, ``lapse_sd``). That predicts crowds better, but a contradicted item
    or a short record then has two explanations with a barrier between them, and chains stick in one: by default nobody
    lapses here, and ``predictive`` allows for lapses afterwards. Judges never lapse: their failed answers are invalid.
    Subgroups (families, stakeholder groups) deviate from their group by ``subgroup_share`` of the sd between its
    annotators. ``floor`` keeps scales off exactly zero, a numerical guard.
    """

    discrimination: GroupPrior = GroupPrior(1.0, 0.5, 0.7)
    position_bias: GroupPrior = GroupPrior(0.0, 0.5, 0.5)
    length_bias: GroupPrior = GroupPrior(0.0, 0.5, 0.5)
    self_preference_bias: GroupPrior = GroupPrior(0.0, 0.5, 0.5)
    log_tie_width: GroupPrior = GroupPrior(-1.0, 1.0, 0.7)
    strength_sd: float = 1.5
    item_sd: float = 1.0
    tail: float = 4.0
    lapse: float | None = 0.0
    lapse_mean: float = -3.5
    lapse_sd: float = 1.0
    subgroup_share: float = 0.5
    floor: float = 0.002

    def table(self, field: str) -> FloatArray:
        """Give one field of the group priors in the order of PARAMETERS."""
        return np.array([getattr(getattr(self, name), field) for name in PARAMETERS])


DEFAULT_PRIORS = ComparisonPriors()
