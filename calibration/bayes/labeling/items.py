"""The table of items: what each one is, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from calibration.bayes.labeling.data import BoolArray, FloatArray, IntArray, LabelData

TIE = 0.005
UNSURE = 0.6
HEAVY = 0.05


def table(data: LabelData, q: FloatArray, named: Mapping[str, IntArray]) -> pd.DataFrame:
    """Give each item's label, its class probabilities and n.

    Parameters
    ----------
    data
        The judgments.
    q
        Class probabilities, shape (items, labels).
    named
        The label each weighted model gives, by model.

    Returns
    -------
    DataFrame
        item, system, label, n, contested, and p_<label> for every label. ``label`` is null where the two most
        probable labels differ by less than .005, the sampler's Monte Carlo error: ties stay ties. ``contested``
        where the label is less probable than .6, tied, or named differently by models that carry weight.
    """
    best, tied = q.argmax(axis=1), ties(q)
    label = np.array(data.labels, dtype=object)[best]
    label[tied] = None
    system = np.array([*data.systems, None], dtype=object)[data.item_system]
    contested = tied | (q.max(axis=1) < UNSURE) | disagreement(named)
    first = {"item": data.items, "system": system, "label": label, "n": data.item_size, "contested": contested}
    return pd.concat([pd.DataFrame(first), pd.DataFrame(q, columns=[f"p_{name}" for name in data.labels])], axis=1)


def ties(q: FloatArray) -> BoolArray:
    """Mark items whose two most probable labels cannot be told apart."""
    top = np.partition(q, -2, axis=1)[:, -2:]
    return np.asarray(top[:, 1] - top[:, 0] < TIE)


def disagreement(named: Mapping[str, IntArray]) -> BoolArray:
    """Mark items to which the models do not all give one label."""
    labels = np.stack(list(named.values()))
    return np.asarray((labels != labels[0]).any(axis=0))
