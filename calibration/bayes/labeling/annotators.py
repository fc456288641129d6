"""The tables of annotators: how often each is right, and what each says when it is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv

from calibration.bayes.labeling import mixture
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.sampling import ModelFit

Indices = npt.NDArray[np.integer]

SURE = 0.9
ALL_CELLS, AT_ONCE = 200_000, 2_000_000
MATTERS = 0.5
MOST_DRAWS, FEWEST_DRAWS, BUDGET = 1_000, 100, 20_000_000


def table(data: LabelData, fits: Mapping[str, ModelFit], weight: Mapping[str, float]) -> pd.DataFrame:
    r"""Give each annotator's accuracy with a 90% interval, and two flags.

    Accuracy is :math:`\sum_k s_k \theta_{jkk}`, s the class shares of the judged items: the chance to name the class
    of one of these items. It is relative to the consensus: an error that all share is invisible.

    Returns
    -------
    DataFrame
        annotator, kind, group, n, accuracy, accuracy_low, accuracy_high; ``spam``: with 90% certainty its kappa with
        the classes is below .1, so its answers say almost nothing; ``favorite``: the label it gives, with 90%
        certainty under the full models, at least .15 more often than the class occurs, else null.
    """
    n_draws = int(np.clip(BUDGET // len(data.annotators), FEWEST_DRAWS, MOST_DRAWS))
    accuracy = mixture.mixed({key: fit.accuracy for key, fit in fits.items()}, weight, n_draws)
    useless = mixture.mean({key: fit.useless for key, fit in fits.items()}, weight)
    who = {
        "annotator": data.annotators,
        "kind": data.kinds,
        "group": np.array(data.groups, dtype=object)[data.annotator_group],
        "n": np.bincount(data.annotator, minlength=len(data.annotators)),
    }
    flags = {"spam": useless >= SURE, "favorite": _favorite(data, fits, weight)}
    return pd.DataFrame(who | mixture.interval("accuracy", accuracy) | flags)


def _favorite(data: LabelData, fits: Mapping[str, ModelFit], weight: Mapping[str, float]) -> FloatArray:
    full = {key: fit for key, fit in fits.items() if fit.model.full}
    found = np.full(len(data.annotators), None, dtype=object)
    if full:
        total = sum(weight[key] for key in full)
        favors = mixture.mean({key: fit.favors for key, fit in full.items()}, weight) / total
        sure = favors.max(axis=1) >= SURE
        found[sure] = np.array(data.labels, dtype=object)[favors.argmax(axis=1)][sure]
    return found


def confusion(data: LabelData, fits: Mapping[str, ModelFit], weight: Mapping[str, float]) -> pd.DataFrame:
    """Give each annotator's chance of every label for every true class, with a 90% interval.

    The interval is that of the Beta distribution with the pooled posterior's mean and variance. Of more than 200,000
    cells those are left out that expect less than half a judgment, by the annotator's n and the class shares; under
    coin models alone every wrong label is equally likely, and only the right ones are listed.

    Returns
    -------
    DataFrame
        annotator, truth, label, p, p_low, p_high, n_expected.
    """
    share = mixture.mean({key: fit.q.mean(axis=0) for key, fit in fits.items()}, weight)
    n = np.bincount(data.annotator, minlength=len(data.annotators))
    if not any(fit.model.full for fit in fits.values()):
        return _right_cells(data, fits, weight, n, share)
    n_labels = len(data.labels)
    everything = len(n) * n_labels**2 <= ALL_CELLS
    step = max(1, AT_ONCE // n_labels**2)
    parts = []
    for first in range(0, len(n), step):
        who = slice(first, first + step)
        p, square = _moments(fits, weight, who, n_labels)
        expected = n[who, None, None] * share * p
        at = np.nonzero(np.ones(p.shape, dtype=bool) if everything else expected >= MATTERS)
        parts.append(_cells((first + at[0], at[2], at[1]), p[at], square[at], expected[at]))
    return _named(pd.concat(parts, ignore_index=True), data)


def _cells(
    at: tuple[Indices, Indices, Indices], p: FloatArray, square: FloatArray, expected: FloatArray
) -> pd.DataFrame:
    low, high = _beta(p, square)
    where = dict(zip(("annotator", "truth", "label"), at, strict=True))
    return pd.DataFrame(where | {"p": p, "p_low": low, "p_high": high, "n_expected": expected})


def _right_cells(
    data: LabelData, fits: Mapping[str, ModelFit], weight: Mapping[str, float], n: Indices, share: FloatArray
) -> pd.DataFrame:
    even = 1.0 / len(data.labels)
    step = 1.0 - even
    skill = mixture.mean({key: fit.confusion for key, fit in fits.items()}, weight)
    skill_square = mixture.mean({key: fit.confusion_square for key, fit in fits.items()}, weight)
    p, square = even + step * skill, even**2 + 2 * even * step * skill + step**2 * skill_square
    expected = n[:, None] * share * p[:, None]
    who, label = np.nonzero(expected >= MATTERS)
    return _named(_cells((who, label, label), p[who], square[who], expected[who, label]), data)


def _moments(
    fits: Mapping[str, ModelFit], weight: Mapping[str, float], who: slice, n_labels: int
) -> tuple[FloatArray, FloatArray]:
    """Give first and second moment of the pooled matrices, shape (annotators, labels y, classes k)."""
    identity, first, second = np.eye(n_labels), np.zeros(()), np.zeros(())
    for key, fit in fits.items():
        mean, square = fit.confusion[who], fit.confusion_square[who]
        if not fit.model.full:
            step, even = identity - 1.0 / n_labels, 1.0 / n_labels
            skill, skill_square = mean[:, None, None], square[:, None, None]
            mean = even + skill * step
            square = even**2 + 2 * even * skill * step + skill_square * step**2
        first = first + weight[key] * mean
        second = second + weight[key] * square
    return first, second


def _beta(mean: FloatArray, square: FloatArray) -> tuple[FloatArray, FloatArray]:
    variance = np.maximum(square - mean**2, 1e-10)
    size = np.maximum(mean * (1 - mean) / variance - 1, 1e-3)
    a, b = np.maximum(mean * size, 1e-6), np.maximum((1 - mean) * size, 1e-6)
    return betaincinv(a, b, mixture.LOW), betaincinv(a, b, mixture.HIGH)


def _named(table: pd.DataFrame, data: LabelData) -> pd.DataFrame:
    labels = np.array(data.labels, dtype=object)
    table = table.sort_values(["annotator", "truth", "label"], ignore_index=True)
    named = {name: labels[table[name].to_numpy()] for name in ("truth", "label")}
    return table.assign(annotator=data.annotators[table["annotator"].to_numpy()], **named)
