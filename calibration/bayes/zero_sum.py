"""Strengths that sum to zero within each connected component of systems, from orthonormal contrasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from calibration.bayes.data import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ZeroSum:
    """Map one contrast for all but the last system of a component to strengths; an isometry, in linear time."""

    free: IntArray
    last: IntArray
    component: IntArray
    size: FloatArray
    order: IntArray

    @classmethod
    def of(cls, system_component: IntArray) -> Self:
        """Read the components of the systems."""
        size = np.bincount(system_component)
        last = np.zeros(size.size, dtype=np.int32)
        last[system_component] = np.arange(system_component.size)
        free = np.setdiff1d(np.arange(system_component.size, dtype=np.int32), last)
        order = np.argsort(np.concatenate([free, last])).astype(np.int32)
        return cls(free, last, system_component[free], size.astype(float), order)

    def strengths(self, contrasts: FloatArray) -> FloatArray:
        """Give the strength of every system."""
        total = np.bincount(self.component, contrasts, self.size.size)
        own = contrasts - (total / (np.sqrt(self.size) + self.size))[self.component]
        return np.concatenate([own, -total / np.sqrt(self.size)])[self.order]

    def strengths_graph(self, contrasts: Any) -> Any:
        """Give the strength of every system as a PyTensor expression."""
        import pytensor.tensor as pt

        total = pt.inc_subtensor(pt.zeros(self.size.size)[self.component], contrasts)
        own = contrasts - (total / (np.sqrt(self.size) + self.size))[self.component]
        return pt.concatenate([own, -total / np.sqrt(self.size)])[self.order]

    def contrasts(self, strengths: FloatArray) -> FloatArray:
        """Apply the transpose: the contrasts of zero-sum strengths, or of a gradient by strengths."""
        total = np.bincount(self.component, strengths[self.free], self.size.size)
        shift = total / (np.sqrt(self.size) + self.size) + strengths[self.last] / np.sqrt(self.size)
        return strengths[self.free] - shift[self.component]
