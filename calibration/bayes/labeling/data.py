"""Turn a long frame of labels into the index arrays the sampler reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling import rows as checks

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MAX_PROBABILITIES = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class LabelData:
    """Hold the judgments of one criterion as arrays.

    Rows (length N, sorted by item and annotator): ``annotator`` and ``label`` (indices); rows ``item_start[i]`` to
    ``item_start[i + 1]`` are those of item i. ``item_system`` and ``item_pool`` are -1 where unknown. Names are sorted.
    """

    criterion: str
    labels: tuple[str, ...]
    items: npt.NDArray[np.object_]
    annotators: npt.NDArray[np.object_]
    groups: tuple[str, ...]
    systems: tuple[str, ...]
    pools: tuple[str, ...]
    kinds: npt.NDArray[np.object_]
    annotator_group: IntArray
    item_system: IntArray
    item_pool: IntArray
    item_start: npt.NDArray[np.int64]
    annotator: IntArray
    label: IntArray
    n_replaced: int

    @property
    def n_judgments(self) -> int:
        """Count the rows."""
        return int(self.label.size)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Count items, annotators and labels."""
        return len(self.items), len(self.annotators), len(self.labels)

    @property
    def item_size(self) -> IntArray:
        """Count each item's judgments."""
        return np.diff(self.item_start).astype(np.int32)

    @property
    def n_cells(self) -> int:
        """Count the cells of systems by pools; the last system and the last pool stand for the unknown."""
        return (len(self.systems) + 1) * (len(self.pools) + 1)

    def item_cell(self) -> IntArray:
        """Give each item's cell."""
        n_systems, n_pools = len(self.systems), len(self.pools)
        system = np.where(self.item_system < 0, n_systems, self.item_system)
        pool = np.where(self.item_pool < 0, n_pools, self.item_pool)
        return (system * (n_pools + 1) + pool).astype(np.int32)

    def item(self) -> IntArray:
        """Give each row's item."""
        return np.repeat(np.arange(len(self.items), dtype=np.int32), self.item_size)

    def votes(self) -> FloatArray:
        """Count each label on each item, shape (items, labels)."""
        n_items, _, n_labels = self.shape
        cell = self.item().astype(np.int64) * n_labels + self.label
        return np.bincount(cell, minlength=n_items * n_labels).reshape(n_items, n_labels).astype(float)

    def select(self, chosen: BoolArray) -> LabelData:
        """Keep some rows, and every item, annotator and label."""
        size = np.bincount(self.item()[chosen], minlength=len(self.items))
        start = np.concatenate([[0], np.cumsum(size)])
        return replace(self, item_start=start, annotator=self.annotator[chosen], label=self.label[chosen])

    def of_items(self, chosen: BoolArray) -> LabelData:
        """Keep some items with all their rows, and every annotator and label."""
        inside = self.select(chosen[self.item()])
        start = np.concatenate([[0], np.cumsum(self.item_size[chosen])])
        places = {name: getattr(self, name)[chosen] for name in ("items", "item_system", "item_pool")}
        return replace(inside, item_start=start, **places)


def label_data(frame: pd.DataFrame, labels: Sequence[str] | None = None, also: Sequence[str] = ()) -> LabelData:
    """Read a long frame of labels.

    Parameters
    ----------
    frame
        One row per judgment with ``item, annotator, label`` (kept as text) and, where known, ``annotator_kind``
        (human, llm, judge; default human), ``annotator_group``, ``criterion``, ``system`` and ``pool`` (of the item).
    labels
        All labels that could be given; by default those that occur, and ``also`` some.

    Returns
    -------
    LabelData
        Of several rows of one annotator on one item the last; ``n_replaced`` counts the others.

    Raises
    ------
    UnusableFrame
        When a column is missing or empty, when fewer than two labels can occur, or when items x labels are too many.
    """
    read = checks.checked(frame, labels, also)
    rows = read.frame
    if len(read.labels) < 2:
        raise UnusableFrame(
            f"Every judgment says {read.labels[0]!r}, so there is nothing to tell apart; "
            "name all labels that could be given, or leave this criterion out."
        )
    item, items = pd.factorize(rows["item"], sort=True)
    annotator, annotators = pd.factorize(rows["annotator"], sort=True)
    _affordable(len(items), len(read.labels))
    groups, member = _first(rows["group"], annotator, len(annotators))
    systems, item_system = _first(rows["system"], item, len(items))
    pools, item_pool = _first(rows["pool"], item, len(items))
    kinds, kind = _first(rows["kind"], annotator, len(annotators))
    return LabelData(
        criterion=read.criterion,
        labels=read.labels,
        items=np.asarray(items, dtype=object),
        annotators=np.asarray(annotators, dtype=object),
        groups=groups,
        systems=systems,
        pools=pools,
        kinds=np.array(kinds, dtype=object)[kind],
        annotator_group=member,
        item_system=item_system,
        item_pool=item_pool,
        item_start=np.concatenate([[0], np.cumsum(np.bincount(item))]),
        annotator=annotator.astype(np.int32),
        label=pd.Index(read.labels).get_indexer(rows["label"]).astype(np.int32),
        n_replaced=read.n_replaced,
    )


def _affordable(n_items: int, n_labels: int) -> None:
    if n_items * n_labels > MAX_PROBABILITIES:
        raise UnusableFrame(
            f"{n_items:,} items times {n_labels:,} labels are more than {MAX_PROBABILITIES:,} probabilities; "
            "merge rare labels or calibrate a part of the items."
        )


def _first(value: pd.Series, owner: npt.NDArray[np.intp], n_owners: int) -> tuple[tuple[str, ...], IntArray]:
    """Give each owner its (only) value's index, -1 for none."""
    code, names = pd.factorize(value, sort=True)
    found = np.full(n_owners, -1, dtype=np.int32)
    found[owner[code >= 0]] = code[code >= 0]
    return tuple(names), found
