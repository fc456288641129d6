"""What an annotator would say of an item."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling import rows as checks
from calibration.bayes.labeling.data import MAX_PROBABILITIES, FloatArray, LabelData
from calibration.bayes.labeling.sampling import ModelFit

AT_ONCE = 4_000_000


def predict(
    rows: pd.DataFrame,
    data: LabelData,
    fits: Mapping[str, ModelFit],
    weight: Mapping[str, float],
    system_share: FloatArray,
) -> pd.DataFrame:
    r"""Give the posterior predictive chance of every label: :math:`\sum_m w_m \sum_k q_{mik} \theta_{mjky}`.

    Posterior means of q and theta are multiplied within each model. An unknown annotator is drawn from its group
    (column annotator_group or annotator_kind; without a known one from all, by size); an unknown item has the class
    shares of its system (column system), without a known one those of the model.

    Parameters
    ----------
    rows
        item, annotator and, for unknown ones, system, annotator_kind, annotator_group.

    Returns
    -------
    DataFrame
        item, annotator, item_known, annotator_known, p_<label>; one row a row, in their order.
    """
    checks.needs(rows, ("item", "annotator"))
    checked = _checked(rows, len(data.labels))
    item = pd.Index(data.items).get_indexer(checked["item"])
    annotator = pd.Index(data.annotators).get_indexer(checked["annotator"])
    prior, group = _prior(rows, data, system_share), _groups(rows, data)
    out = np.zeros((len(rows), len(data.labels)))
    step = max(1, AT_ONCE // len(data.labels) ** 2)
    for key, fit in fits.items():
        size = _group_size(data)
        everyone = np.concatenate([fit.group, np.tensordot(size, fit.group, 1)[None]])
        for first in range(0, len(rows), step):
            at = slice(first, first + step)
            unknown = np.where(np.isnan(prior[at]), fit.share, prior[at])
            q = np.where((item[at] >= 0)[:, None], fit.q[item[at]], unknown)
            habit = _habits(fit.confusion, everyone, annotator[at], group[at])
            out[at] += weight[key] * _said(habit, q)
    known = {"item_known": item >= 0, "annotator_known": annotator >= 0}
    chances = pd.DataFrame(out, columns=[f"p_{name}" for name in data.labels])
    return pd.concat([checked.assign(**known), chances], axis=1)


def _checked(rows: pd.DataFrame, n_labels: int) -> pd.DataFrame:
    checks.needs(rows, ("item", "annotator"))
    if len(rows) * n_labels > MAX_PROBABILITIES:
        raise UnusableFrame(f"{len(rows):,} rows times {n_labels:,} labels are too many at once; predict a part.")
    return pd.DataFrame({name: checks.text(rows, name) for name in ("item", "annotator")})


def _prior(rows: pd.DataFrame, data: LabelData, system_share: FloatArray) -> FloatArray:
    """Give the class shares of each row's system, nan where it is unknown."""
    found = np.full((len(rows), len(data.labels)), np.nan)
    if "system" in rows.columns:
        system = pd.Index(data.systems).get_indexer(rows["system"].map(str))
        found[system >= 0] = system_share[system[system >= 0]]
    return found


def _groups(rows: pd.DataFrame, data: LabelData) -> np.ndarray:
    """Give each row's group, -1 (the last: everybody) where it is unknown."""
    if not {"annotator_group", "annotator_kind"} & set(rows.columns):
        return np.full(len(rows), -1)
    named = checks.group(rows, checks.kind(rows))
    return np.asarray(pd.Index(data.groups).get_indexer(named))


def _group_size(data: LabelData) -> FloatArray:
    return np.bincount(data.annotator_group, minlength=len(data.groups)) / len(data.annotators)


def _habits(known: FloatArray, everyone: FloatArray, annotator: np.ndarray, group: np.ndarray) -> FloatArray:
    found = known[annotator]
    found[annotator < 0] = everyone[group[annotator < 0]]
    return found


def _said(habit: FloatArray, q: FloatArray) -> FloatArray:
    if habit.ndim == 1:
        return habit[:, None] * q + (1.0 - habit[:, None]) / q.shape[1]
    return np.asarray(np.einsum("nyk,nk->ny", habit, q))
