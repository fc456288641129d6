"""What is kept of a chain: sums for the gate, moments of confusion, and a few draws of what gets an interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from calibration.bayes.labeling import habits
from calibration.bayes.labeling.chain import Chain
from calibration.bayes.labeling.data import FloatArray, IntArray

MAX_DRAWS, MIN_DRAWS = 140, 20
MOST_ACCURACIES = 2_000_000


class Halves:
    """Hold mean and variance of many numbers in each half of a chain."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.sum, self.square = np.zeros((2, *shape), np.float32), np.zeros((2, *shape), np.float32)
        self.n = np.zeros(2, np.int64)

    def add(self, half: int, value: FloatArray) -> None:
        """Count one draw."""
        self.sum[half] += value
        self.square[half] += value * value
        self.n[half] += 1

    def mean(self) -> FloatArray:
        """Give the mean of each half."""
        return np.asarray(self.sum / _column(self.n, self.sum.ndim)).astype(float)

    def variance(self) -> FloatArray:
        """Give the variance of each half."""
        n = _column(self.n, self.sum.ndim)
        variance = np.maximum(self.square / n - (self.sum / n) ** 2, 0.0) * n / (n - 1)
        return np.asarray(variance).astype(float)


def _column(n: npt.NDArray[np.int64], ndim: int) -> FloatArray:
    return n.astype(float).reshape(2, *[1] * (ndim - 1))


class Record:
    """Accumulate the recorded sweeps of one chain.

    ``q`` and ``skill`` (annotators' accuracy) by halves; ``accuracy`` (draws, annotators),
    ``class_counts`` (draws, cells of systems by pools, labels), ``useless`` and ``favors`` (annotators; and
    labels): how often an annotator's kappa with the truth lay below, a label's excess above, the bars in ``habits``;
    ``confusion`` and ``confusion_square``: moments of the matrices (annotators, labels y, classes k), or of the
    skills (annotators); ``group``: the same of an unknown annotator of each group; ``traces``.
    """

    def __init__(self, chain: Chain, n_kept: int) -> None:
        n_items, n_annotators, n_labels = chain.data.shape
        draws = min(max(MOST_ACCURACIES // n_annotators, MIN_DRAWS), MAX_DRAWS, n_kept)
        self.kept, self.n_kept, self.every = 0, n_kept, max(1, n_kept // draws)
        self.q, self.skill = Halves((n_items, n_labels)), Halves((n_annotators,))
        self.cell = chain.data.item_cell()
        self.accuracy: list[npt.NDArray[np.float32]] = []
        self.class_counts: list[IntArray] = []
        self.traces: list[FloatArray] = []
        self.useless, self.favors = np.zeros(n_annotators), np.zeros((n_annotators, n_labels))
        square = (n_labels, n_labels) if chain.model.full else ()
        self.group = np.zeros((len(chain.data.groups), *square))
        self.share, size = np.zeros(n_labels), (n_annotators, *square)
        self.confusion, self.confusion_square = np.zeros(size), np.zeros(size)

    @property
    def n_draws(self) -> int:
        """Count the thinned draws."""
        return len(self.accuracy)

    def add(self, chain: Chain) -> None:
        """Count one sweep."""
        half = 2 * self.kept // self.n_kept
        self.q.add(half, chain.q)
        present = chain.q.mean(axis=0)
        self.traces.append(np.array([chain.spread, *chain.mean, *present]))
        self.share += chain.prevalence()
        if self.kept % self.every == 0:
            self._thin(chain, present, half)
        self.kept += 1

    def _thin(self, chain: Chain, present: FloatArray, half: int) -> None:
        accuracy = np.empty(chain.skill.size)
        if chain.model.full:
            sums = (self.useless, self.favors, self.confusion, self.confusion_square)
            habits.draw_confusions(chain.rng, chain.weight, chain.total, present, accuracy, *sums)
        else:
            habits.read_coins(chain.skill, present, accuracy, self.useless)
            self.confusion += chain.skill
            self.confusion_square += chain.skill**2
        self.skill.add(half, accuracy)
        self.accuracy.append(accuracy.astype(np.float32))
        self.group += _unknown(chain)
        counts = np.zeros((chain.data.n_cells, len(chain.data.labels)), np.int32)
        if chain.model.soft:
            habits.count_soft(chain.rng, chain.q, self.cell, counts)
        else:
            habits.count_clean(chain.truth, self.cell, counts)
        self.class_counts.append(counts)


def _unknown(chain: Chain) -> FloatArray:
    """Give what is expected of an annotator drawn from each group: confusion (groups, y, k), or skill (groups)."""
    if not chain.model.full:
        return chain.mean
    n_labels = len(chain.data.labels)
    lapse = (1.0 - chain.shared[0]) / n_labels + chain.shared[0] * chain.error.T
    mean = chain.mean[:, None, None]
    return np.asarray(mean * np.eye(n_labels) + (1.0 - mean) * lapse)
