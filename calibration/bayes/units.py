"""Items and what they are gathered into: pairs of systems, tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.bayes.data import ComparisonData, FloatArray


@dataclass(frozen=True, slots=True)
class Units:
    """Say which item belongs to which unit (an item may belong to several); ``names`` has one row per unit.

    ``directed`` units hold items of one pair of systems, so that what happens on them adds up in one direction.
    """

    item: npt.NDArray[np.integer]
    unit: npt.NDArray[np.integer]
    names: pd.DataFrame
    directed: bool

    def total(self, by_item: FloatArray) -> FloatArray:
        """Add up a value of each item within units."""
        return np.bincount(self.unit, by_item[self.item], len(self.names))

    def any_of(self, by_unit: npt.NDArray[np.bool_], n_items: int) -> npt.NDArray[np.bool_]:
        """Say of each item whether one of its units is marked."""
        marked = np.zeros(n_items, dtype=bool)
        marked[self.item[by_unit[self.unit]]] = True
        return marked


def of_items(data: ComparisonData, tags: Mapping[str, tuple[str, ...]]) -> dict[str, Units]:
    """Give the items themselves, the pairs of systems and the tags (by item name) as units."""
    systems, every = np.array(data.systems, dtype=object), np.arange(len(data.items))
    ends = pd.DataFrame({"system_a": systems[data.item_system_a], "system_b": systems[data.item_system_b]})
    grouped = ends.groupby(["system_a", "system_b"])
    tagged = [(k, tag) for k, name in enumerate(data.items) for tag in sorted(set(tags.get(name, ())))]
    tag_names = sorted({tag for _, tag in tagged})
    number = {tag: k for k, tag in enumerate(tag_names)}
    item = np.array([k for k, _ in tagged], dtype=int)
    tag = np.array([number[name] for _, name in tagged], dtype=int)
    return {
        "item": Units(every, every, pd.DataFrame({"item": data.items}).join(ends), True),
        "pair": Units(every, grouped.ngroup().to_numpy(), grouped.size().reset_index()[list(ends)], True),
        "tag": Units(item, tag, pd.DataFrame({"tag": pd.Series(tag_names, dtype=object)}), False),
    }
