"""Rows without an answer as indices into a fit's data: what it knows of them, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.bayes import columns
from calibration.bayes.data import COVARIATES, LENGTH_BOUND, ComparisonData, FloatArray

Ints = npt.NDArray[np.int64]
N_INDICES = 4


@dataclass(frozen=True, slots=True)
class Questions:
    """Hold what is asked, in canonical orientation; -1 is an item or system that the data do not know.

    An ``annotator`` of -1 - k is one that the data do not know: k < G a member of group k, k >= G one of subgroup
    k - G. ``item`` is known only together with its two systems.
    """

    item: Ints
    annotator: Ints
    system_a: Ints
    system_b: Ints
    covariates: FloatArray

    @classmethod
    def of(cls, data: ComparisonData, rows: pd.DataFrame) -> tuple[Self, npt.NDArray[np.bool_]]:
        """Read rows like those of the fit, and say which were turned round to become canonical."""
        given = columns.canonical(rows.assign(outcome="tie", strength=0))
        if (same := given["system_a"] == given["system_b"]).any():
            name = given["system_a"][same].iloc[0]
            raise columns.UnusableFrame(f"System {name!r} meets itself in {int(same.sum())} rows; name two systems.")
        a, b = (_codes(given[name], data.systems) for name in ("system_a", "system_b"))
        annotator = _codes(given["annotator"], data.annotators)
        asked = cls(
            item=_items(data, given["item"], a, b),
            annotator=np.where(annotator < 0, -1 - _strangers(data, given), annotator),
            system_a=a,
            system_b=b,
            covariates=np.column_stack([_covariate(data, given, name) for name in COVARIATES]),
        )
        turned = rows["system_a"].astype(str).to_numpy() > rows["system_b"].astype(str).to_numpy()
        return asked, np.asarray(turned, dtype=bool)

    def distinct(self) -> tuple[Self, Ints]:
        """Ask equal questions once; the second result says where each row's answer is."""
        indices = (self.item, self.annotator, self.system_a, self.system_b)
        table, place = np.unique(np.column_stack([*indices, self.covariates]), axis=0, return_inverse=True)
        item, annotator, a, b = table[:, :N_INDICES].T.astype(np.int64)
        return type(self)(item, annotator, a, b, table[:, N_INDICES:]), place.reshape(-1)

    def among(self, chosen: Ints) -> Self:
        """Keep some of the questions."""
        return type(self)(
            self.item[chosen],
            self.annotator[chosen],
            self.system_a[chosen],
            self.system_b[chosen],
            self.covariates[chosen],
        )


def _codes(names: pd.Series, known: tuple[str, ...]) -> Ints:
    place = {name: index for index, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in names], dtype=np.int64)


def _items(data: ComparisonData, names: pd.Series, a: Ints, b: Ints) -> Ints:
    pairs = zip(data.items, data.item_system_a.tolist(), data.item_system_b.tolist(), strict=True)
    place = {key: index for index, key in enumerate(pairs)}
    return np.array([place.get(key, -1) for key in zip(names, a.tolist(), b.tolist(), strict=True)], dtype=np.int64)


def _strangers(data: ComparisonData, given: pd.DataFrame) -> Ints:
    """Give each row's subgroup if the data know it, else its group, else the reference group."""
    group = np.where(given["annotator_kind"] == "human", "human", "judge")
    known = {name: index for index, name in enumerate(data.groups)}
    known |= {name: len(data.groups) + index for index, name in enumerate(data.subgroups)}
    named = zip(group.tolist(), given["subgroup"], strict=True)
    found = [known.get(f"{one}: {sub}", known.get(one, data.reference_group)) for one, sub in named]
    return np.array(found, dtype=np.int64)


def _covariate(data: ComparisonData, given: pd.DataFrame, name: str) -> FloatArray:
    if name != "length":
        return given[name].to_numpy(float)
    if data.length_unit == 0.0:
        return np.zeros(len(given))
    scaled = given["log_ratio"].fillna(0.0).to_numpy(float) / data.length_unit
    return np.clip(scaled, -LENGTH_BOUND, LENGTH_BOUND)
