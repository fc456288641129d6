"""Score the models on judgments they did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.bayes.labeling.chain import Chain, Model
from calibration.bayes.labeling.data import FloatArray, IntArray, LabelData
from calibration.bayes.labeling.meter import Meter
from calibration.bayes.labeling.sampling import Length

FOLDS = 4
LENGTH = Length(250, 100)
MOST_JUDGMENTS = 100_000


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold log posterior predictive probabilities of held-out judgments, shape (models, N), of ``data``."""

    data: LabelData
    keys: tuple[str, ...]
    log_predictive: FloatArray


def score(data: LabelData, models: Sequence[Model], seeds: np.random.SeedSequence, meter: Meter) -> Scores:
    """Predict each judgment from three quarters of the others.

    Judgments fall into four folds, each item's as evenly as can be. Of more than 100,000 judgments whole items are
    drawn until there are as many.
    """
    splitting, sampling = seeds.spawn(2)
    rng = np.random.default_rng(splitting)
    part = _part(data, rng)
    fold = _folds(part, rng)
    seed_of = iter(sampling.spawn(len(models) * FOLDS))
    found = np.empty((len(models), part.n_judgments))
    for row, model in enumerate(models):
        for number in range(FOLDS):
            held = fold == number
            generator = np.random.default_rng(next(seed_of))
            found[row, held] = _held_out(part, model, held, generator, meter)
    return Scores(part, tuple(model.key for model in models), found)


def planned(data: LabelData, n_models: int) -> float:
    """Count the judgments that ``score`` will sweep."""
    return min(data.n_judgments, MOST_JUDGMENTS) * n_models * (FOLDS - 1) * LENGTH.sweeps


def _held_out(data: LabelData, model: Model, held: np.ndarray, rng: np.random.Generator, meter: Meter) -> FloatArray:
    item, annotator, label = data.item()[held], data.annotator[held], data.label[held]
    chain, out = Chain(data.select(~held), model, rng), np.zeros(int(held.sum()))
    for sweep in range(LENGTH.sweeps):
        chain.sweep(recording=sweep >= LENGTH.burn_in)
        if sweep >= LENGTH.burn_in:
            chain.predict(item, annotator, label, out)
        meter.add("weighing the models", chain.data.n_judgments)
    return np.log(np.maximum(out / (LENGTH.sweeps - LENGTH.burn_in), 1e-300))


def _part(data: LabelData, rng: np.random.Generator) -> LabelData:
    if data.n_judgments <= MOST_JUDGMENTS:
        return data
    order = rng.permutation(len(data.items))
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[np.cumsum(data.item_size[order]) <= MOST_JUDGMENTS]] = True
    return data.of_items(chosen)


def _folds(data: LabelData, rng: np.random.Generator) -> IntArray:
    """Deal each item's judgments, shuffled, to the folds in turn from a fold drawn by lot."""
    item = data.item()
    order = np.lexsort((rng.random(item.size), item))
    position = np.empty(item.size, dtype=np.int64)
    position[order] = np.arange(item.size) - data.item_start[item]
    return ((position + rng.integers(FOLDS, size=len(data.items))[item]) % FOLDS).astype(np.int32)
