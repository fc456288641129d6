"""Hand the comparison model's compiled posterior to nutpie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from nutpie import compiled_pyfunc

from calibration.bayes.coordinates import Coordinates
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.posterior import At, design_of, forward, log_posterior, rows_of
from calibration.bayes.priors import ComparisonPriors

START_SPREAD = 0.5


def sampled_model(data: ComparisonData, priors: ComparisonPriors, coordinates: Coordinates) -> Any:
    """Return what ``nutpie.sample`` takes; its draws are in the model's own terms."""
    design, rows = design_of(data, priors), rows_of(data)

    def density() -> Callable[[FloatArray], tuple[float, FloatArray]]:
        return lambda x: log_posterior(x, design, coordinates, rows)

    def reported(*_: Any) -> Callable[[FloatArray], dict[str, FloatArray]]:
        return lambda x: own_terms(x, forward(x, design, coordinates, rows)[0])

    def start(seed: int) -> FloatArray:
        return np.random.default_rng(seed).uniform(-START_SPREAD, START_SPREAD, design.n_dim)

    example = reported()(np.zeros(design.n_dim))
    return compiled_pyfunc.from_pyfunc(
        ndim=design.n_dim,
        make_logp_fn=density,
        make_expand_fn=reported,
        expanded_dtypes=[np.dtype(np.float64)] * len(example),
        expanded_shapes=[value.shape for value in example.values()],
        expanded_names=list(example),
        make_initial_point_fn=start,
    )


def own_terms(x: FloatArray, at: At) -> dict[str, FloatArray]:
    """Name a point's numbers; what the data do not have (graded strength, subgroups) is left out."""
    m = at.cut.size // 2 - 1
    named = {
        "log_panel_scale": x[:1],
        "log_sharpness": x[1:2],
        "scale": at.scale,
        "group_mean": at.mean.ravel()[1:],
        "discrimination": at.annotator[:, 0].copy(),
        "habit": at.annotator[:, 1:].copy(),
        "offset": at.offset,
        "strength_contrast": at.contrast,
        "strength": at.strength,
        "quality": at.quality,
        "lapse": at.lapse,
        "cut": at.cut[m + 2 : -1],
    }
    return {name: np.ascontiguousarray(value) for name, value in named.items() if value.size}
