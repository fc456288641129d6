"""The numbers that place the sampler's coordinates (``placed``), as compiled code reads them: named tuples.

Poor numbers cost time, never correctness.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np

from calibration.bayes.data import FloatArray

T_STRETCH = 0.7


class Pull(NamedTuple):
    """Hold what the judgments alone say about a block: precision J and precision-weighted estimate h."""

    precision: FloatArray
    weighted: FloatArray

    @classmethod
    def without_prior(cls, precision: FloatArray, estimate: FloatArray, center: Any, sd: Any) -> Self:
        """Take N(center, sd) out of an estimate of the given precision (that precision without the prior)."""
        precision = np.maximum(precision, 0.0)
        return cls(precision, estimate * (precision + sd**-2.0) - center * sd**-2.0)


class Tail(NamedTuple):
    """Hold how far a Student-t prior reaches: its share of the normal's precision, and a stretch of e.

    An outlier's prior is wide, so it must not pull like the others'; an annotator of few judgments has the prior's
    long tail, which sinh(stretch e) / stretch shortens for the sampler.
    """

    weight: FloatArray
    stretch: FloatArray


class Coordinates(NamedTuple):
    """Hold the pulls of all blocks, and how the panel's scale and sharpness are found from its members.

    Sharper people mean larger qualities and wider tie zones (both in log-odds) and more lapses, all together: sharpness
    lies around ``sharp_share`` of the mean of their log tie widths about a hinge. Strengths and qualities grow as its
    power ``sharp_power``; ``lapse_lean`` is how the lapse rate moves with it.

    ``lean``, shape (annotators, parameters), is how an annotator's habits move with the discrimination, about the
    value in its first column: who is sharper than thought has a wider tie zone too.
    """

    annotator: Pull
    lean: FloatArray
    row: Pull
    strength_contrast: Pull
    tail: Tail
    panel_weight: FloatArray
    panel_blur: float
    sharp_weight: FloatArray
    sharp_hinge: FloatArray
    sharp_blur: float
    sharp_share: float
    sharp_power: float
    lapse_lean: float
