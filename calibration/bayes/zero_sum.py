"""An orthonormal basis of strengths that sum to zero within each connected component of systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from scipy.sparse import csr_array

from calibration.bayes.data import ComparisonData, FloatArray, IntArray


def contrast_systems(data: ComparisonData) -> IntArray:
    """Give the systems with a coordinate of their own: all but the last of each component."""
    last = np.zeros(data.n_components, dtype=np.int64)
    last[data.system_component] = np.arange(len(data.systems))
    return np.setdiff1d(np.arange(len(data.systems)), last).astype(np.int32)
