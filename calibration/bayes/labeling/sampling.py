"""Sample one model: chains, the gate, and one longer try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.bayes.labeling import gate
from calibration.bayes.labeling.chain import Chain, Fixed, Model
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.gate import Verdict
from calibration.bayes.labeling.meter import Meter
from calibration.bayes.labeling.records import Record


@dataclass(frozen=True, slots=True)
class Length:
    """Count the sweeps of a chain, and those of them that are left out at its start."""

    sweeps: int
    burn_in: int


USUAL = Length(400, 120)
LONGER_JUDGMENTS, LONGER_LEAST = 160_000_000, 800
LONGER_SWEEPS = (4_000, 30_000)


@dataclass(frozen=True, slots=True)
class ModelFit:
    """Hold the pooled chains of one model; the arrays are those of ``records.Record``, draws of all chains joined."""

    model: Model
    verdict: Verdict
    q: FloatArray
    accuracy: FloatArray
    class_counts: FloatArray
    useless: FloatArray
    favors: FloatArray
    confusion: FloatArray
    confusion_square: FloatArray
    group: FloatArray
    share: FloatArray
    spread: float


def longer(data: LabelData) -> list[Length]:
    """Give the lengths of further tries: ten and 75 times the usual one for small sets, one of twice for a million."""
    most = max(LONGER_JUDGMENTS // data.n_judgments, LONGER_LEAST)
    sweeps = sorted({min(most, wanted) for wanted in LONGER_SWEEPS})
    return [Length(n, n // 4) for n in sweeps]


def sample(
    data: LabelData,
    model: Model,
    seeds: np.random.SeedSequence,
    meter: Meter,
    *,
    chains: int = 2,
    length: Length = USUAL,
    fixed: Fixed | None = None,
) -> ModelFit:
    """Run the chains one after the other and pool them, converged or not."""
    records = [_run(data, model, np.random.default_rng(seed), meter, length, fixed) for seed in seeds.spawn(chains)]
    return _pooled(model, records, gate.check(records, length.sweeps))


def _run(
    data: LabelData, model: Model, rng: np.random.Generator, meter: Meter, length: Length, fixed: Fixed | None
) -> Record:
    chain = Chain(data, model, rng, fixed)
    record = Record(chain, length.sweeps - length.burn_in)
    for sweep in range(length.sweeps):
        chain.sweep(recording=sweep >= length.burn_in)
        if sweep >= length.burn_in:
            record.add(chain)
        meter.add(f"sampling {model.key}", data.n_judgments)
    return record


def _pooled(model: Model, records: Sequence[Record], verdict: Verdict) -> ModelFit:
    draws = sum(one.n_draws for one in records)
    kept = sum(one.kept for one in records)

    def total(name: str) -> FloatArray:
        return np.asarray(sum(getattr(one, name) for one in records), dtype=float)

    return ModelFit(
        model=model,
        verdict=verdict,
        q=np.mean([one.q.sum.sum(axis=0, dtype=float) / one.kept for one in records], axis=0),
        accuracy=np.concatenate([np.stack(one.accuracy) for one in records]),
        class_counts=np.concatenate([np.stack(one.class_counts) for one in records]),
        useless=total("useless") / draws,
        favors=total("favors") / draws,
        confusion=total("confusion") / draws,
        confusion_square=total("confusion_square") / draws,
        group=total("group") / draws,
        share=total("share") / kept,
        spread=float(np.mean([np.stack(one.traces)[:, 0].mean() for one in records])),
    )
