"""How often each class occurs in each system's items, and how systems differ."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from calibration.bayes.labeling import mixture
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.sampling import ModelFit

MOST_DRAWS, BUDGET = 1_000, 20_000_000
MOST_SYSTEMS = 100


def counts(data: LabelData, fits: Mapping[str, ModelFit], weight: Mapping[str, float]) -> FloatArray:
    """Draw class counts of each system and, last, of all items: shape (draws, systems + 1, labels)."""
    n = min(MOST_DRAWS, max(100, BUDGET // ((len(data.systems) + 1) * len(data.labels))))
    return mixture.mixed({key: fit.class_counts for key, fit in fits.items()}, weight, n)


def shares(drawn: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw class shares of the population that the items are a sample of, from Dirichlet(count + 1/K)."""
    size = rng.standard_gamma(drawn + 1.0 / drawn.shape[2])
    return np.asarray(size / size.sum(axis=2, keepdims=True))


def table(data: LabelData, drawn: FloatArray, share: FloatArray) -> pd.DataFrame:
    r"""Give each system's share of each class, with a 90% interval.

    The classes of the items are drawn from the pooled posterior (without the floor), so annotators' errors are taken
    out and their uncertainty is carried; the interval of ``share`` is for the system's answers at large, that of
    ``items`` for the judged items alone.

    Returns
    -------
    DataFrame
        system (null: all items together), label, share, share_low, share_high, items, items_low, items_high,
        ``naive`` (share of the raw judgments), ``unseen_upper`` (95% upper bound where no judgment gave the label: the
        larger of the posterior's and :math:`1 - .05^{1/n}`; else null), n (items), n_judgments.
    """
    n_systems, n_labels = share.shape[1:]
    system = np.array([*data.systems, None], dtype=object)
    n_items = drawn[0].sum(axis=1)
    raw = _raw(data)
    n_judgments = raw.sum(axis=1, keepdims=True)
    naive = raw / np.maximum(n_judgments, 1)
    estimates = mixture.interval("share", share) | mixture.interval("items", drawn / n_items[:, None])
    bound = np.maximum(estimates["share_high"], (1.0 - 0.05 ** (1.0 / n_items))[:, None])
    columns = {name: value.ravel() for name, value in estimates.items()}
    columns |= {"naive": naive.ravel(), "unseen_upper": np.where(raw == 0, bound, np.nan).ravel()}
    names = {"system": np.repeat(system, n_labels), "label": np.tile(np.array(data.labels, dtype=object), n_systems)}
    n = {"n": np.repeat(n_items, n_labels), "n_judgments": np.repeat(n_judgments, n_labels).astype(int)}
    return pd.DataFrame(names | columns | n)


def _raw(data: LabelData) -> FloatArray:
    """Count judgments by system and label; the last row counts all."""
    system = data.item_system[data.item()]
    counted = np.zeros((len(data.systems) + 1, len(data.labels)))
    np.add.at(counted, (system[system >= 0], data.label[system >= 0]), 1)
    counted[-1] = np.bincount(data.label, minlength=len(data.labels))
    return counted


def differences(data: LabelData, share: FloatArray) -> pd.DataFrame:
    """Give for each pair of systems and each label the difference of shares, first minus second, and P(> 0).

    Annotators' errors are shared by both systems' draws. Of more than 100 systems no pairs are listed.
    """
    parts = []
    if len(data.systems) <= MOST_SYSTEMS:
        for first, second in combinations(range(len(data.systems)), 2):
            gap = share[:, first] - share[:, second]
            names = {"system_1": data.systems[first], "system_2": data.systems[second], "label": data.labels}
            figures = mixture.interval("difference", gap) | {"p_positive": (gap > 0).mean(axis=0)}
            parts.append(pd.DataFrame(names | figures))
    columns = ["system_1", "system_2", "label", "difference", "difference_low", "difference_high", "p_positive"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
