"""Pairs of judgments on one item by two annotators: the raw material of agreement, alpha and dissent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.bayes.data import ComparisonData, FloatArray

IntArray = npt.NDArray[np.integer]
Answers = npt.NDArray[np.integer]

MOST_PAIRS = 5_000_000


@dataclass(frozen=True, slots=True)
class RowPairs:
    """List every two rows on one item by different annotators, ``first`` < ``second`` by annotator.

    ``weight`` makes the pairs of two annotators on one item add up to 1, however often either repeated it.
    ``n_items_left_out`` counts items dropped at random because the list would not fit.
    """

    first: IntArray
    second: IntArray
    item: IntArray
    weight: FloatArray
    n_items_left_out: int

    def agreed(self, outcome: Answers) -> FloatArray:
        """Give the weight of each pair whose two outcomes are the same."""
        return self.weight * (outcome[self.first] == outcome[self.second])

    def opposed(self, outcome: Answers) -> FloatArray:
        """Give the weight of each pair of which one prefers a and the other b."""
        return self.weight * (np.abs(outcome[self.first] - outcome[self.second]) == 2)


def row_pairs(data: ComparisonData, rows: IntArray | None = None, *, seed: int = 0) -> RowPairs:
    """List the pairs among the given rows (default all)."""
    rows = np.arange(data.n_judgments, dtype=np.int32) if rows is None else rows
    rows = rows[np.argsort(data.item[rows], kind="stable")]
    rows, left_out = _fitting(data, rows, seed)
    sizes = np.bincount(data.item[rows], minlength=len(data.items))
    first, second = _within_blocks(sizes[sizes > 0])
    first, second = rows[first], rows[second]
    apart = data.annotator[first] != data.annotator[second]
    first, second = first[apart], second[apart]
    item = data.item[first]
    return RowPairs(first, second, item, _weight(data, first, second, item), left_out)


def alpha_nominal(data: ComparisonData, pairs: RowPairs, outcome: Answers) -> float | None:
    """Compute symmetric nominal alpha, repeats of one annotator together counting 1; None without pairs or variation.

    References
    ----------
    Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    n_items, n_annotators = len(data.items), len(data.annotators)
    key = data.item.astype(np.int64) * n_annotators + data.annotator
    source, row, repeats = np.unique(key, return_inverse=True, return_counts=True)
    per_item = np.bincount(source // n_annotators, minlength=n_items)
    paired = np.zeros(n_items, dtype=bool)
    paired[pairs.item] = True
    counted = paired[data.item]
    n = float(per_item[paired].sum())
    margin = np.bincount(outcome[counted], 1.0 / repeats[row[counted]], 3)
    margin = (margin + margin[::-1]) / 2
    expected = (n**2 - (margin**2).sum()) / (n * (n - 1)) if n > 1 else 0.0
    if expected <= 1e-12:
        return None
    share = 2.0 * (pairs.weight - pairs.agreed(outcome)) / (per_item[pairs.item] - 1)
    return 1.0 - float(share.sum()) / n / expected


def _fitting(data: ComparisonData, rows: IntArray, seed: int) -> tuple[IntArray, int]:
    """Keep items in random order while their pairs stay within the limit."""
    sizes = np.bincount(data.item[rows], minlength=len(data.items)).astype(np.int64)
    if (sizes * (sizes - 1) // 2).sum() <= MOST_PAIRS:
        return rows, 0
    order = np.random.default_rng(seed).permutation(sizes.size)
    kept = np.zeros(sizes.size, dtype=bool)
    kept[order] = np.cumsum(sizes[order] * (sizes[order] - 1) // 2) <= MOST_PAIRS
    return rows[kept[data.item[rows]]], int((~kept & (sizes > 1)).sum())


def _within_blocks(sizes: IntArray) -> tuple[IntArray, IntArray]:
    """Pair every position with each later one of its block; blocks lie one after another."""
    end = np.repeat(np.cumsum(sizes), sizes)
    position = np.arange(end.size)
    later = end - position - 1
    first = np.repeat(position, later)
    begin = np.repeat(np.cumsum(later) - later, later)
    return first, first + 1 + np.arange(first.size) - begin


def _weight(data: ComparisonData, first: IntArray, second: IntArray, item: IntArray) -> FloatArray:
    n_annotators = len(data.annotators)
    key = (item.astype(np.int64) * n_annotators + data.annotator[first]) * n_annotators + data.annotator[second]
    _, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    return 1.0 / count[inverse]
