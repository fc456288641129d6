"""Strengths that sum to zero within each connected component of systems, from orthonormal contrasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pytensor.tensor as pt

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
        last = np.zeros(size.size, dtype=np.int64)
        last[system_component] = np.arange(system_component.size)
        free = np.setdiff1d(np.arange(system_component.size), last)
        order = np.argsort(np.concatenate([free, last]))
        last32, order32 = last.astype(np.int32), order.astype(np.int32)
        return cls(free.astype(np.int32), last32, system_component[free], size.astype(float), order32)

    def strengths(self, contrasts: FloatArray) -> FloatArray:
        """Give the strength of every system."""
        total = np.bincount(self.component, contrasts, self.size.size)
        own = contrasts - (total / (np.sqrt(self.size) + self.size))[self.component]
        return np.concatenate([own, -total / np.sqrt(self.size)])[self.order]

    def strengths_graph(self, contrasts: Any) -> Any:
        """Give the strength of every system as a PyTensor expression."""
        total = pt.inc_subtensor(pt.zeros(self.size.size)[self.component], contrasts)
        own = contrasts - (total / (np.sqrt(self.size) + self.size))[self.component]
        return pt.concatenate([own, -total / np.sqrt(self.size)])[self.order]

    def contrasts(self, strengths: FloatArray) -> FloatArray:
        """Give the contrasts of any vector of systems: the transpose of the map, and its inverse on zero sums."""
        total = np.bincount(self.component, strengths[self.free], self.size.size)
        shift = total / (np.sqrt(self.size) + self.size) + strengths[self.last] / np.sqrt(self.size)
        return strengths[self.free] - shift[self.component]

    def basis(self) -> FloatArray:
        """Give the map as a matrix, systems by contrasts."""
        return np.column_stack([self.strengths(unit) for unit in np.eye(self.free.size)])
