"""Priors of the comparison model, all on the scale on which the average human discriminates with slope 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupPrior:
    """Describe a parameter that annotators of a group share partly: mean ~ N(mean, mean_sd), sd ~ HalfNormal(sd)."""

    mean: float
    mean_sd: float
    sd: float


@dataclass(frozen=True, slots=True)
class ComparisonPriors:
    """Hold every prior of the comparison model.

    A Student-t tail of ``tail`` degrees keeps spammers (slope near 0) and adversaries (slope below 0) from
    dragging the scale of everybody else. ``floor`` keeps scales off exactly zero, a numerical guard.
    """

    discrimination: GroupPrior = GroupPrior(1.0, 0.5, 0.7)
    bias: GroupPrior = GroupPrior(0.0, 0.5, 0.5)
    log_tie_width: GroupPrior = GroupPrior(-1.0, 1.0, 0.7)
    strength_sd: float = 1.5
    item_sd: float = 1.0
    tail: float = 4.0
    floor: float = 0.002
