"""Coordinates in which the posterior is nearly round.

Centered coordinates suit an annotator with many judgments, non-centered ones an annotator with few, and a small
group of judges has a funnel in both. Here each latent x with prior location mu and scale sigma is written as

    x = unit ((h + mu/unit / s^2) / (J + 1/s^2) + e / sqrt(J + 1/s^2)),    s = sigma / unit

with J and h the precision and the precision-weighted estimate that the judgments alone give for x / unit. e is then
close to a standard normal whatever sigma is: J = 0 is non-centered, J >> 1/s^2 is centered. The map is exact for any
J and h, its Jacobian is part of the density: poor numbers cost time, never correctness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes.data import FloatArray


BLOCKS = ("strength_contrast", "rows", "discrimination", "bias", "log_tie_width")


@dataclass(frozen=True, slots=True)
class Pull:
    """Hold what the judgments alone say about a block: precision J and precision-weighted estimate h."""

    precision: Any
    weighted: Any

    @classmethod
    def without_prior(cls, precision: FloatArray, estimate: FloatArray, center: Any, sd: Any) -> Pull:
        """Take N(center, sd) out of an estimate of the given precision (that precision without the prior)."""
        precision = np.maximum(precision, 0.0)
        return cls(precision, estimate * (precision + sd**-2.0) - center * sd**-2.0)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Hold the pulls of every block, and how the panel's common scale is found from its members."""

    strength_contrast: Pull
    rows: Pull
    discrimination: Pull
    bias: Pull
    log_tie_width: Pull
    panel_weight: Any
    panel_blur: Any

    def arrays(self) -> dict[str, FloatArray]:
        """Name every number, as a model's data."""
        named: dict[str, FloatArray] = {
            "panel_weight": np.asarray(self.panel_weight),
            "panel_blur": np.asarray(self.panel_blur),
        }
        for block in BLOCKS:
            pull = getattr(self, block)
            named |= {f"{block}_precision": pull.precision, f"{block}_weighted": pull.weighted}
        return named

    def declared(self) -> Coordinates:
        """Give the same with every number a data variable of the model in context."""
        data = {name: pm.Data(name, value) for name, value in self.arrays().items()}
        pulls = [Pull(data[f"{block}_precision"], data[f"{block}_weighted"]) for block in BLOCKS]
        return Coordinates(*pulls, data["panel_weight"], data["panel_blur"])


def latent(name: str, mu: Any, sigma: Any, dims: Any, pull: Pull | None, unit: Any = 1.0, tail: float | None = None) -> Any:
    """Declare a latent block, normal or with a Student-t tail, in its own terms or through its pull."""
    family, extra = (pm.Normal, {}) if tail is None else (pm.StudentT, {"nu": tail})
    if pull is None:
        return family(name, mu=mu, sigma=sigma, dims=dims, **extra)
    scaled = (sigma / unit) ** -2.0
    precision = pull.precision + scaled
    raw = pm.Flat(f"{name}_raw", dims=dims)
    value = unit * ((pull.weighted + mu / unit * scaled) / precision + raw / pt.sqrt(precision))
    density = pm.logp(family.dist(mu=mu, sigma=sigma, **extra), value)
    pm.Potential(f"{name}_prior", (density - 0.5 * pt.log(precision) + pt.log(unit)).sum())
    return pm.Deterministic(name, value, dims=dims)


def scale(name: str, sd: float, floor: float, dims: Any, warped: bool, unit: Any = 1.0) -> Any:
    """Declare a half-normal scale above its floor."""
    if not warped:
        return pm.TruncatedNormal(name, mu=0.0, sigma=sd, lower=floor, dims=dims)
    raw = pm.Flat(f"{name}_raw", dims=dims)
    excess = unit * pt.exp(raw)
    density = pm.logp(pm.TruncatedNormal.dist(mu=0.0, sigma=sd, lower=floor), floor + excess)
    pm.Potential(f"{name}_prior", (density + pt.log(excess)).sum())
    return pm.Deterministic(name, floor + excess, dims=dims)


def quality_pull(rows: Pull, discrimination: Any, annotator: Any, item: Any, n_items: int, unit: Any) -> Pull:
    """Give what the judgments say about each item's quality, given how sharply its annotators discriminate.

    A row's working response says that discrimination times quality is weighted / precision. Its pull on the quality
    grows with the annotator's discrimination, so the qualities follow when a judge's slope moves.
    """
    slope = discrimination[annotator] / unit
    nothing = pt.zeros(n_items)
    precision = pt.inc_subtensor(nothing[item], slope**2 * rows.precision)
    return Pull(precision, pt.inc_subtensor(nothing[item], slope * rows.weighted))


def mean_pull(pull: Pull, sd: Any, unit: Any, member: FloatArray) -> Pull:
    """Give what the members of each group say about its mean, given the sd between them: shape (groups, ...)."""
    discount = 1.0 / (1.0 + pull.precision * (sd / unit) ** 2)
    return Pull(pt.dot(member, pull.precision * discount), pt.dot(member, pull.weighted * discount))


def panel_scale(coordinates: Coordinates | None) -> Any:
    """Declare the panel's common scale, 1 in the model's own terms.

    Qualities times c and discriminations over c give the same judgments, and only the hierarchy pins c: a long
    narrow ridge through thousands of dimensions. The sampler gets c as a coordinate of its own, an auxiliary draw
    around the panel's root mean square discrimination; integrated out, it leaves the posterior as it is.
    """
    return 1.0 if coordinates is None else pt.exp(pm.Flat("log_panel_scale"))


def tie_panel_scale(unit: Any, discrimination: Any, coordinates: Coordinates | None) -> None:
    """Add the auxiliary density of the panel's scale given the discriminations."""
    if coordinates is None:
        return
    center = 0.5 * pt.log(pt.dot(coordinates.panel_weight, discrimination**2))
    pm.Potential("panel_scale_auxiliary", pm.logp(pm.Normal.dist(center, coordinates.panel_blur), pt.log(unit)))
