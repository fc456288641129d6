"""The log posterior of the comparison model and its gradient in the sampler's coordinates.

``comparison.build_comparison_model`` defines the model; tests hold the two equal in value, gradient and posterior.
Nothing here depends on shapes, so a fit compiles nothing that is not already on disk.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np

from calibration.bayes import blocks, item_blocks, kernel, placed
from calibration.bayes.data import ComparisonData, FloatArray, IntArray
from calibration.bayes.priors import PARAMETERS, ComparisonPriors
from calibration.bayes.zero_sum import ZeroSum


class Rows(NamedTuple):
    """Hold the judgments, sorted by annotator and category, and what the categories mean."""

    starts: IntArray
    item: IntArray
    covariates: FloatArray
    lower: IntArray
    upper: IntArray
    share: FloatArray


class Design(NamedTuple):
    """Hold who belongs where, each block's places in x, and the priors."""

    group: IntArray
    subgroup: IntArray
    subgroup_group: IntArray
    scale_at: IntArray
    mean_at: IntArray
    offset_at: IntArray
    annotator_at: IntArray
    lapse_at: IntArray
    lapse: FloatArray
    contrast_from: int
    quality_from: int
    cut_from: int
    n_levels: int
    n_dim: int
    free: IntArray
    last: IntArray
    component: IntArray
    size: FloatArray
    item_a: IntArray
    item_b: IntArray
    mean: FloatArray
    mean_sd: FloatArray
    scale_sd: FloatArray
    power: FloatArray
    tail: float
    lapse_mean: float
    lapse_sd: float
    subgroup_share: float
    floor: float


class At(NamedTuple):
    """Hold a point in the model's own terms."""

    scale: Any
    mean: Any
    mean_pull: Any
    annotator: Any
    offset: Any
    strength: Any
    contrast: Any
    quality: Any
    item_pull: Any
    cut: Any
    lapse: Any


@numba.njit(error_model="numpy", nogil=True)
def _forward(x, design, pulls, rows):  # type: ignore[no-untyped-def]
    scale, of_scales = blocks.scales(x, design, pulls)
    mean, mean_pull, of_means = blocks.means(x, scale, design, pulls)
    annotator, offset, of_annotators = blocks.annotators(x, scale, mean, design, pulls)
    strength, contrast, of_strengths = item_blocks.strengths(x, scale[blocks.STRENGTH], design, pulls)
    quality, item_pull, of_items = item_blocks.qualities(
        x, scale[blocks.ITEM], strength, annotator, design, pulls, rows
    )
    cut, lapse, of_answers = item_blocks.answers(x, design, pulls)
    logp = of_scales + of_means + of_annotators + of_strengths + of_items + of_answers
    at = At(scale, mean, mean_pull, annotator, offset, strength, contrast, quality, item_pull, cut, lapse)
    return at, logp + blocks.panel(x, annotator, pulls)


@numba.njit(error_model="numpy", nogil=True)
def _log_posterior(x, design, pulls, rows):  # type: ignore[no-untyped-def]
    at, logp = _forward(x, design, pulls, rows)
    rate = at.lapse[design.group]
    loglik, d_quality, d_annotator, d_cut, d_rate = kernel.comparison_loglik(
        at.quality, at.annotator, at.cut, rate, rows
    )
    gradient, d_scale, d_unit = np.zeros_like(x), np.zeros_like(at.scale), np.zeros(blocks.N_UNITS)
    d_lapse = np.zeros_like(at.lapse)
    for j in range(d_rate.size):
        d_lapse[design.group[j]] += d_rate[j]
    item_blocks.back_answers(x, at, d_cut, d_lapse, d_unit, design, pulls, gradient)
    d_strength = item_blocks.back_qualities(
        x, at, d_quality, d_annotator, d_scale, d_unit, design, pulls, rows, gradient
    )
    item_blocks.back_strengths(x, at, d_strength, d_scale, d_unit, design, pulls, gradient)
    blocks.back_panel(x, at, d_annotator, d_unit, pulls)
    d_mean = blocks.back_annotators(x, at, d_annotator, d_scale, d_unit, design, pulls, gradient)
    blocks.back_means(x, at, d_mean, d_scale, d_unit, design, pulls, gradient)
    blocks.back_scales(x, at.scale, d_scale, d_unit, design, pulls, gradient)
    gradient[: d_unit.size] = d_unit
    return logp + loglik, gradient


def _on_disk(sources: str):  # type: ignore[no-untyped-def]
    """Compile what the sampler calls, once a machine: numba keeps it on disk.

    It looks for changes in this file alone; a change of the files that this one calls shows in ``sources``.
    """

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def forward(x, design, pulls, rows):  # type: ignore[no-untyped-def]
        """Return the point that the coordinates say, and the log density of its prior with the map's Jacobian."""
        assert sources
        return _forward(x, design, pulls, rows)

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def log_posterior(x, design, pulls, rows):  # type: ignore[no-untyped-def]
        """Return the log density of the coordinates up to a constant, and its gradient."""
        assert sources
        return _log_posterior(x, design, pulls, rows)

    return forward, log_posterior


forward, log_posterior = _on_disk(
    hashlib.sha256(
        b"".join(Path(str(room.__file__)).read_bytes() for room in (blocks, item_blocks, placed, kernel))
    ).hexdigest()
)


def rows_of(data: ComparisonData) -> Rows:
    """Give the judgments as the kernel reads them."""
    m = data.levels
    below, above = np.arange(m), np.arange(m)
    # a at level m - k, tie, b at level k, a and b without a level; cuts are numbered from minus to plus infinity
    lower = [*(2 * m - below), m, *(m - 1 - above), m + 1, 0]
    upper = [*(2 * m + 1 - below), m + 1, *(m - above), 2 * m + 1, m]
    side, tie, _ = data.menu
    share = np.array([*[side / m] * m, tie, *[side / m] * m, side, side])
    return Rows(
        data.row_starts(),
        data.item,
        np.ascontiguousarray(data.covariates.T),
        np.array(lower, dtype=np.int32),
        np.array(upper, dtype=np.int32),
        share,
    )


def design_of(data: ComparisonData, priors: ComparisonPriors) -> Design:
    """Lay out the coordinates of a model on these data."""
    zero_sum, n_groups = ZeroSum.of(data.system_component), len(data.groups)
    used = data.used_parameters()
    people = np.array([group == "human" for group in data.groups])
    subgroup_group = np.zeros(len(data.subgroups), dtype=np.int32)
    inside = data.annotator_subgroup >= 0
    subgroup_group[data.annotator_subgroup[inside]] = data.annotator_group[inside]
    places = _Places(blocks.N_UNITS)
    mean_free = used.copy()
    mean_free[0, 0] = False
    return Design(
        group=data.annotator_group,
        subgroup=data.annotator_subgroup,
        subgroup_group=subgroup_group,
        scale_at=places.take(np.concatenate([[True, True], used.ravel()])),
        mean_at=places.take(mean_free),
        offset_at=places.take(used[subgroup_group]),
        annotator_at=places.take(used[data.annotator_group]),
        lapse_at=places.take(people & (priors.lapse is None)),
        lapse=np.where(people, priors.lapse or 0.0, 0.0),
        cut_from=places.block(data.levels - 1),
        contrast_from=places.block(zero_sum.free.size),
        quality_from=places.block(len(data.items)),
        n_levels=data.levels,
        n_dim=places.next,
        free=zero_sum.free,
        last=zero_sum.last,
        component=zero_sum.component,
        size=zero_sum.size,
        item_a=data.item_system_a,
        item_b=data.item_system_b,
        mean=priors.table("mean"),
        mean_sd=priors.table("mean_sd"),
        scale_sd=np.concatenate([[priors.strength_sd, priors.item_sd], np.tile(priors.table("sd"), n_groups)]),
        power=_powers(n_groups),
        tail=priors.tail,
        lapse_mean=priors.lapse_mean,
        lapse_sd=priors.lapse_sd,
        subgroup_share=priors.subgroup_share,
        floor=priors.floor,
    )


def _powers(n_groups: int) -> FloatArray:
    """Say how each scale grows with the panel's scale and with its sharpness, shape (scales, 2)."""
    power = np.zeros((blocks.N_SCALES + n_groups * len(PARAMETERS), blocks.N_UNITS))
    power[: blocks.N_SCALES] = (-1.0, 1.0)
    discrimination = power[blocks.N_SCALES :: len(PARAMETERS)]
    discrimination[:] = (1.0, -1.0)
    discrimination[0] = (1.0, 0.0)
    return power


class _Places:
    """Number coordinates one after the other."""

    def __init__(self, start: int) -> None:
        self.next = start

    def block(self, size: int) -> int:
        start, self.next = self.next, self.next + size
        return start

    def take(self, used: Any) -> IntArray:
        at = np.full(used.shape, -1, dtype=np.int32)
        start = self.block(int(used.sum()))
        at[used] = np.arange(start, self.next)
        return at
