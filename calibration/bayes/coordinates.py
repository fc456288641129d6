"""Coordinates in which the posterior is nearly round.

Centered coordinates suit an annotator with many judgments, non-centered ones an annotator with few, and a small
group of judges has a funnel in both. Here each latent x with prior location mu and scale sigma is written as

    x = u ((h + mu/u / s^2) / (J + 1/s^2) + e / sqrt(J + 1/s^2)),    s = sigma / u

with J and h the precision and the precision-weighted estimate that the judgments alone give for x / u. e is then
close to a standard normal whatever sigma is: J = 0 is non-centered, J >> 1/s^2 is centered. The unit u is the panel's
common scale: qualities times u and discriminations over u give the same judgments and only the hierarchy pins u, a
long narrow ridge through thousands of dimensions, so u is a coordinate of its own. The map is exact for any J and h,
its Jacobian is part of the density: poor numbers cost time, never correctness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from calibration.bayes.data import ComparisonData, FloatArray

T_STRETCH = 0.7
NO_STRETCH = 1e-3
BLOCKS = ("annotator", "row", "strength_contrast")


@dataclass(frozen=True, slots=True)
class Pull:
    """Hold what the judgments alone say about a block: precision J and precision-weighted estimate h."""

    precision: Any
    weighted: Any

    @classmethod
    def without_prior(cls, precision: FloatArray, estimate: FloatArray, center: Any, sd: Any) -> Self:
        """Take N(center, sd) out of an estimate of the given precision (that precision without the prior)."""
        precision = np.maximum(precision, 0.0)
        return cls(precision, estimate * (precision + sd**-2.0) - center * sd**-2.0)


@dataclass(frozen=True, slots=True)
class Tail:
    """Hold how far a Student-t prior reaches: its share of the normal's precision, and a stretch of e.

    An outlier's prior is wide, so it must not pull like the others'; an annotator of few judgments has the prior's
    long tail, which sinh(stretch e) / stretch shortens for the sampler.
    """

    weight: Any
    stretch: Any


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Hold the pulls of all blocks, and how the panel's common scale is found from its members."""

    annotator: Pull
    row: Pull
    strength_contrast: Pull
    tail: Tail
    panel_weight: Any
    panel_blur: Any

    def arrays(self) -> dict[str, Any]:
        """Name every number, as a model's data."""
        named = {
            "tail_weight": self.tail.weight,
            "tail_stretch": self.tail.stretch,
            "panel_weight": self.panel_weight,
            "panel_blur": self.panel_blur,
        }
        for block in BLOCKS:
            pull = getattr(self, block)
            named |= {f"{block}_precision": pull.precision, f"{block}_weighted": pull.weighted}
        return named

    def declared(self) -> Coordinates:
        """Give the same with every number a data variable of the model in context."""
        data = {name: pm.Data(name, value) for name, value in self.arrays().items()}
        pulls = [Pull(data[f"{block}_precision"], data[f"{block}_weighted"]) for block in BLOCKS]
        annotator, row, contrast = pulls
        tail = Tail(data["tail_weight"], data["tail_stretch"])
        return Coordinates(annotator, row, contrast, tail, data["panel_weight"], data["panel_blur"])


def placed(
    name: str, mu: Any, sigma: Any, dims: Any, pull: Pull, log_unit: Any, tail: Tail | None = None
) -> tuple[Any, Any]:
    """Declare a block through its pull; give its values and the logarithm of their Jacobian."""
    raw = pm.Flat(f"{name}_raw", dims=dims)
    prior = pt.exp(2.0 * log_unit) / sigma**2
    spread, log_spread = raw, 0.0
    if tail is not None:
        prior = prior * tail.weight
        spread, log_spread = pt.sinh(tail.stretch * raw) / tail.stretch, pt.log(pt.cosh(tail.stretch * raw))
    precision = pull.precision + prior
    value = (pt.exp(log_unit) * (pull.weighted + spread * pt.sqrt(precision)) + mu * prior) / precision
    return value, log_unit + log_spread - 0.5 * pt.log(precision)


def normal(name: str, mu: Any, sigma: Any, dims: Any, pull: Pull | None, log_unit: Any = 0.0) -> Any:
    """Declare a normal block, in its own terms or through its pull."""
    if pull is None:
        return pm.Normal(name, mu, sigma, dims=dims)
    value, log_jacobian = placed(name, mu, sigma, dims, pull, log_unit)
    pm.Potential(f"{name}_prior", (pm.logp(pm.Normal.dist(mu, sigma), value) + log_jacobian).sum())
    return pm.Deterministic(name, value, dims=dims)


def scale(name: str, sd: FloatArray, floor: float, dims: Any, warped: bool, log_unit: Any = 0.0) -> Any:
    """Declare half-normal scales above their floor."""
    if not warped:
        return pm.TruncatedNormal(name, mu=0.0, sigma=sd, lower=floor, dims=dims)
    log_excess = log_unit + pm.Flat(f"{name}_raw", dims=dims)
    value = floor + pt.exp(log_excess)
    # the half-normal density up to its constant
    pm.Potential(f"{name}_prior", (log_excess - 0.5 * (value / sd) ** 2).sum())
    return pm.Deterministic(name, value, dims=dims)


def panel_scale(coordinates: Coordinates | None) -> Any:
    """Declare the logarithm of the panel's common scale: 0 in the model's own terms."""
    return np.zeros(1) if coordinates is None else pm.Flat("log_panel_scale", shape=1)


def tie_panel_scale(log_unit: Any, discrimination: Any, coordinates: Coordinates | None) -> None:
    """Let the panel's scale follow its members: an auxiliary draw around their root mean square discrimination.

    Integrated out, the auxiliary draw leaves the posterior as it is.
    """
    if coordinates is None:
        return
    center = 0.5 * pt.log(pt.dot(coordinates.panel_weight, discrimination**2))
    pm.Potential("panel_scale_auxiliary", -0.5 * (((log_unit - center) / coordinates.panel_blur) ** 2).sum())


def quality_pull(
    data: ComparisonData, discrimination: Any, log_unit: Any, coordinates: Coordinates | None
) -> Pull | None:
    """Give what the judgments say about each item's quality, given how sharply its annotators discriminate.

    A row's working response says that discrimination times quality is weighted / precision. Its pull on the quality
    grows with the annotator's discrimination, so the qualities follow when a judge's slope moves.
    """
    if coordinates is None:
        return None
    annotator, item = pm.Data("row_annotator", data.annotator), pm.Data("pull_item", data.item)
    slope = (discrimination / pt.exp(log_unit))[annotator]
    nothing = pt.zeros(len(data.items))
    precision = pt.inc_subtensor(nothing[item], slope**2 * coordinates.row.precision)
    return Pull(precision, pt.inc_subtensor(nothing[item], slope * coordinates.row.weighted))


def mean_pull(pull: Pull | None, sd: Any, log_unit: Any, member: Any, free: Any) -> Pull | None:
    """Give what the members of each group say about its free means, given the sd between them."""
    if pull is None:
        return None
    discount = 1.0 / (1.0 + pull.precision * pt.exp(-2.0 * log_unit) * sd**2)
    precision = pt.dot(member, pull.precision * discount).ravel()[free]
    return Pull(precision, pt.dot(member, pull.weighted * discount).ravel()[free])
