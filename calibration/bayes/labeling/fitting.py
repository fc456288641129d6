"""The door: from a frame of labels to a consensus that is accurate and calibrated, without gold or with some."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calibration.bayes.labeling import annotators, folds, items, prevalence, report, rows, sampling, weights
from calibration.bayes.labeling import gold as gold_items
from calibration.bayes.labeling.chain import MODELS, Model
from calibration.bayes.labeling.data import FloatArray, LabelData, label_data
from calibration.bayes.labeling.gold import Gold
from calibration.bayes.labeling.items import HEAVY
from calibration.bayes.labeling.meter import Meter, Progress
from calibration.bayes.labeling.results import LabelFit
from calibration.bayes.labeling.sampling import USUAL, ModelFit
from calibration.bayes.labeling.weights import Weighting, smoothed_majority

MAX_CONFUSION_CELLS = 4_000_000


def fit_labels(
    frame: pd.DataFrame,
    *,
    gold: pd.DataFrame | None = None,
    labels: Sequence[str] | None = None,
    ordered: bool = False,
    seed: int = 0,
    chains: int = 2,
    progress: Callable[[Progress], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
) -> LabelFit:
    """Estimate items' classes, annotators' errors and systems' class shares from labels of one criterion.

    Four models, {coin, full confusion matrix} x {clean, soft items}, are sampled, weighted by how well they predict
    judgments they did not see, pooled, and mixed with the smoothed majority: a floor of .2, or with 20 gold items
    the floor and power that gold chooses.

    Parameters
    ----------
    frame
        One row per judgment: item, annotator, label, and where known annotator_kind (human, llm, judge),
        annotator_group, criterion, system, pool. Of several rows of one annotator on one item the last counts; the
        others are counted in ``n_replaced``.
    gold
        item, label, and where there are several, criterion.
    labels
        All labels that could be given; by default those that occur in frame or gold.
    ordered
        The labels stand from least to most, the first for nothing found: prevalence also gives "or worse". The models
        themselves use no order; a confusion matrix learns which grades are taken for each other.
    seed
        Fixes the result, given data and versions.
    chains
        Of each model, at least two.
    progress, should_cancel
        Called about twice a second.

    Returns
    -------
    LabelFit
        Tables of items, annotators, confusion, prevalence and differences; ``diagnostics["state"]`` is
        "not converged" when a model of weight .05 or more missed its gate to the last try.

    Raises
    ------
    UnusableFrame
        When the frame cannot be calibrated; the message says what to change.
    Cancelled
        When ``should_cancel`` says so.
    """
    started = time.monotonic()
    data, known = _read(frame, gold, labels)
    models = _affordable(data)
    sweeps = data.n_judgments * len(models) * max(chains, 2) * USUAL.sweeps
    meter = Meter(progress, should_cancel, folds.planned(data, len(models)) + sweeps)
    weighing, sampled, drawing = np.random.SeedSequence(seed).spawn(3)
    weighting = weights.weigh(folds.score(data, models, weighing, meter))
    fits = _sample(data, models, weighting, sampled, meter, max(chains, 2))
    pool, majority = weights.pooled(weighting, {key: fit.q for key, fit in fits.items()}), smoothed_majority(data)
    calibration = gold_items.calibrate(pool, majority, known)
    q = calibration.apply(pool, majority)
    diagnostics = report.diagnostics(data, weighting, fits, q, known, calibration)
    diagnostics |= {"seed": seed, "seconds": time.monotonic() - started}
    drawn = prevalence.measured(data, fits, weighting.weight, np.random.default_rng(drawing), ordered=ordered)
    return _tables(data, q, fits, weighting, drawn, diagnostics)


def _read(frame: pd.DataFrame, gold: pd.DataFrame | None, labels: Sequence[str] | None) -> tuple[LabelData, Gold]:
    known = gold_items.checked(gold, rows.criterion(frame))
    data = label_data(frame, labels, () if known is None else tuple(known["label"]))
    return data, gold_items.found(known, data)


def _affordable(data: LabelData) -> tuple[Model, ...]:
    """Leave out the full models where annotators x labels x labels are too many cells."""
    _, n_annotators, n_labels = data.shape
    full = n_annotators * n_labels**2 <= MAX_CONFUSION_CELLS
    return tuple(model for model in MODELS if full or not model.full)


def _sample(
    data: LabelData,
    models: Sequence[Model],
    weighting: Weighting,
    seeds: np.random.SeedSequence,
    meter: Meter,
    chains: int,
) -> dict[str, ModelFit]:
    """Sample every model; one that carries weight and misses its gate is sampled again, longer, twice at the most."""
    fits = {}
    for model, own in zip(models, seeds.spawn(len(models)), strict=True):
        fit = sampling.sample(data, model, own, meter, chains=chains)
        for length in sampling.longer(data):
            if fit.verdict.passed or weighting.weight[model.key] < HEAVY:
                break
            meter.more(data.n_judgments * chains * length.sweeps)
            fit = sampling.sample(data, model, own, meter, chains=chains, length=length)
        fits[model.key] = fit
    return fits


def _tables(
    data: LabelData,
    q: FloatArray,
    fits: dict[str, ModelFit],
    weighting: Weighting,
    drawn: prevalence.Prevalence,
    diagnostics: dict[str, Any],
) -> LabelFit:
    weight = weighting.weight
    heavy = {key: fit.q.argmax(axis=1).astype(np.int32) for key, fit in fits.items() if weight[key] >= HEAVY}
    return LabelFit(
        data=data,
        items=items.table(data, q, heavy),
        annotators=annotators.table(data, fits, weight),
        confusion=annotators.confusion(data, fits, weight),
        prevalence=prevalence.table(drawn),
        differences=prevalence.differences(drawn),
        diagnostics=diagnostics,
        models=fits,
        weight=weight,
        system_share=_system_share(data, drawn),
    )


def _system_share(data: LabelData, drawn: prevalence.Prevalence) -> FloatArray:
    """Give the class shares that an unjudged item of each system, and last of an unknown one, is predicted by."""
    mean = drawn.share.mean(axis=0)[:, : len(data.labels)]
    place = {name: at for at, (name, pool) in enumerate(drawn.names) if pool is None}
    return mean[[place[name] for name in (*data.systems, None)]]
