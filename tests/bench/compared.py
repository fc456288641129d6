"""Held-out comparisons: cross-validated log loss of every method, and what ours gains over the best peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.bench import answers, public_sets
from tests.bench.answers import FloatArray
from tests.bench.measuring import Bench
from tests.bench.methods import COMPARISONS, OURS, Method


@dataclass(frozen=True, slots=True)
class Held:
    """One method over the folds that were run: each held-out row's log loss, and what the fits took."""

    method: Method
    loss: FloatArray
    runs: tuple[dict[str, Any], ...]

    def mean(self, name: str) -> float:
        """Average a measurement over the folds."""
        return float(np.mean([run[name] for run in self.runs]))


@dataclass(frozen=True, slots=True)
class Gain:
    """What ours gains in log loss over the best peer, with the standard error of the paired difference."""

    peer: str
    gain: float
    error: float
    n: int


def measured(bench: Bench, folder: Path, folds: int) -> Iterator[tuple[str, int, list[Held]]]:
    """Give each data set's name, size and methods; the report names those that failed in a fold."""
    for name, format_ in public_sets.COMPARISONS.items():
        frame = public_sets.comparisons(folder, format_)
        fold = public_sets.fold_of(len(frame))
        found = [_held(bench, method, frame, fold, format_, folds) for method in COMPARISONS]
        yield name, len(frame), [one for one in found if one is not None]


def _held(bench: Bench, method: Method, frame: pd.DataFrame, fold: np.ndarray, case: str, folds: int) -> Held | None:
    loss, runs = [], []
    for number in range(folds):
        train, held = (frame[where].reset_index(drop=True) for where in (fold != number, fold == number))
        run = bench.measure(method, f"{case}-fold{number}", train, held.drop(columns="outcome"))
        if run is None:
            return None
        loss.append(answers.log_loss(np.array(run["p"]), answers.outcomes(held)))
        runs.append(run)
    return Held(method, np.concatenate(loss), tuple(runs))


def gain(found: list[Held]) -> Gain | None:
    """Compare ours with the peer of the smallest log loss, judgment by judgment."""
    own = [one for one in found if one.method is OURS]
    peers = [one for one in found if one.method is not OURS]
    if not own or not peers:
        return None
    best = min(peers, key=lambda one: one.loss.mean())
    difference = best.loss - own[0].loss
    error = difference.std(ddof=1) / np.sqrt(difference.size)
    return Gain(best.method.name, float(difference.mean()), float(error), difference.size)
