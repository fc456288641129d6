"""Turn a long frame of comparisons into the index arrays a model reads.

The arrays depend only on what was judged: the order of the rows and the side on which a response was
recorded leave them exactly equal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from calibration.bayes import columns

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]

COVARIATES = ("position", "length", "self_preference")
LENGTH_BOUND = 3.0
N_SIDES = 2


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonData:
    """Hold the judgments of one criterion as arrays.

    Rows (length N, sorted by annotator, category, item and covariates):
    ``annotator``, ``item`` (indices), ``outcome`` (0 = a, 1 = tie, 2 = b), ``category`` (see below),
    ``covariates`` (N, 3): position (+1 where a was shown first, -1 where b was, 0 unknown), length difference in
    units of its root mean square, self-preference (+1 where a is of the annotator's own family, -1 where b is).
    Names are sorted, so index and name say the same in every run.

    With ``levels`` m of graded strength, category k < m is "a, level m - k", m a tie, m + k "b, level k";
    2 m + 1 and 2 m + 2 are a and b without a level. Ungraded data have m = 1.
    ``annotator_subgroup`` is the stakeholder group of a person or the family of a judge, -1 without one.
    """

    criterion: str
    annotators: tuple[str, ...]
    groups: tuple[str, ...]
    systems: tuple[str, ...]
    items: tuple[str, ...]
    subgroups: tuple[str, ...]
    annotator_group: IntArray
    annotator_subgroup: IntArray
    system_component: IntArray
    item_system_a: IntArray
    item_system_b: IntArray
    item_length: FloatArray
    annotator: IntArray
    item: IntArray
    outcome: IntArray
    category: IntArray
    levels: int
    covariates: FloatArray
    length_unit: float
    n_unknown_order: int
    n_unknown_length: int
    n_both_bad: int
    n_repeats: int

    @property
    def n_judgments(self) -> int:
        """Count the rows."""
        return int(self.outcome.size)

    @property
    def n_components(self) -> int:
        """Count the connected parts of the graph of systems; ranks never cross them."""
        return int(self.system_component.max()) + 1

    @property
    def reference_group(self) -> int:
        """Give the index of the group whose average annotator is the reference: humans where there are any."""
        return 0

    @property
    def menu(self) -> FloatArray:
        """Give the shares of a, tie and b among the answers that were offered."""
        tie = float((self.outcome == 1).any())
        return np.array([self.levels, tie, self.levels]) / (2 * self.levels + tie)

    def row_starts(self) -> IntArray:
        """Bound each annotator's rows by category: shape (A, categories + 1), where each begins, and the end."""
        counts = np.zeros((len(self.annotators), N_SIDES * self.levels + 3), dtype=np.int64)
        np.add.at(counts, (self.annotator, self.category), 1)
        ends = counts.ravel().cumsum().reshape(counts.shape)
        return np.column_stack([ends - counts, ends[:, -1]]).astype(np.int32)

    def used_parameters(self) -> npt.NDArray[np.bool_]:
        """Say which parameters of annotators the judgments of each group speak of: shape (groups, parameters).

        Discrimination and tie width always, a bias where its covariate is known and not always zero.
        """
        used = np.ones((len(self.groups), len(COVARIATES) + 2), dtype=bool)
        for group in range(len(self.groups)):
            rows = self.annotator_group[self.annotator] == group
            used[group, 1:-1] = (self.covariates[rows] != 0).any(axis=0)
        return used

    def coords(self) -> dict[str, object]:
        """Give the named coordinates of a model on these data."""
        return {
            "system": list(self.systems),
            "annotator": list(self.annotators),
            "item": np.arange(len(self.items)),
            "group": list(self.groups),
            "covariate": list(COVARIATES),
        }

    def sha256(self) -> str:
        """Hash everything a fit reads."""
        digest = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            digest.update(field.name.encode())
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        return digest.hexdigest()


def comparison_data(frame: pd.DataFrame) -> ComparisonData:
    """Read a long frame of comparisons.

    Parameters
    ----------
    frame
        One row per effective judgment with ``item, annotator, system_a, system_b, outcome`` (``a``, ``b``,
        ``tie``, ``both_bad``; the last counts as a tie) and, where known, ``annotator_kind`` (default human),
        ``shown_order`` (``ab``, ``ba``), ``length_a``, ``length_b`` (characters), ``strength`` (1, 2, ... or
        signed, positive for a), ``annotator_family``, ``system_family_a``, ``system_family_b``,
        ``annotator_group``, ``round``, ``criterion``.
        An item is one task: the pair (item, systems) is the unit of the item effect.

    Returns
    -------
    ComparisonData
        All rows and rounds; nothing is dropped.

    Raises
    ------
    columns.UnusableFrame
        When a column is missing or holds a value no model can read. The message names rows and remedy.
    """
    rows = columns.canonical(frame)
    annotators, annotator = _index(rows["annotator"])
    systems, pairs = _index(pd.concat([rows["system_a"], rows["system_b"]]))
    a, b = pairs[: len(rows)], pairs[len(rows) :]
    items, item, item_a, item_b = _items(rows["item"], a, b, len(systems))
    groups, annotator_group = _groups(rows["annotator_kind"], annotator, len(annotators))
    subgroups, annotator_subgroup = _subgroups(rows["subgroup"], annotator, groups, annotator_group)
    length, unit = _length(rows)
    covariates = np.column_stack([rows["position"].to_numpy(float), length, rows["self_preference"]])
    outcome = rows["outcome"].map(columns.OUTCOMES).to_numpy(np.int32)
    category, levels = _categories(outcome, rows["strength"].to_numpy())
    order = np.lexsort((*covariates.T[::-1], item, category, annotator))
    return ComparisonData(
        criterion=str(rows["criterion"].iloc[0]),
        annotators=annotators,
        groups=groups,
        subgroups=subgroups,
        systems=systems,
        items=items,
        annotator_group=annotator_group,
        annotator_subgroup=annotator_subgroup,
        system_component=_components(item_a, item_b, len(systems)),
        item_system_a=item_a,
        item_system_b=item_b,
        item_length=_item_mean(length[order], item[order], len(items)),
        annotator=annotator[order],
        item=item[order],
        outcome=outcome[order],
        category=category[order],
        levels=levels,
        covariates=covariates[order],
        length_unit=unit,
        n_unknown_order=int((rows["position"] == 0).sum()),
        n_unknown_length=int(rows["log_ratio"].isna().sum()),
        n_both_bad=int((rows["outcome"] == "both_bad").sum()),
        n_repeats=len(rows) - len(np.unique(np.column_stack([annotator, item]), axis=0)),
    )


def _index(names: pd.Series) -> tuple[tuple[str, ...], IntArray]:
    unique = sorted(set(names))
    position = {name: k for k, name in enumerate(unique)}
    return tuple(unique), names.map(position).to_numpy(np.int32)


def _items(
    names: pd.Series, a: IntArray, b: IntArray, n_systems: int
) -> tuple[tuple[str, ...], IntArray, IntArray, IntArray]:
    unique, name = _index(names)
    key = (name.astype(np.int64) * n_systems + a) * n_systems + b
    keys, item = np.unique(key, return_inverse=True)
    pair = keys % n_systems**2
    return (
        tuple(unique[k] for k in keys // n_systems**2),
        item.astype(np.int32),
        (pair // n_systems).astype(np.int32),
        (pair % n_systems).astype(np.int32),
    )


def _groups(kind: pd.Series, annotator: IntArray, n_annotators: int) -> tuple[tuple[str, ...], IntArray]:
    is_judge = np.zeros(n_annotators, dtype=bool)
    is_judge[annotator] = (kind != "human").to_numpy()
    present = tuple(name for name, any_ in (("human", not is_judge.all()), ("judge", is_judge.any())) if any_)
    return present, (is_judge if len(present) > 1 else np.zeros(n_annotators)).astype(np.int32)


def _subgroups(
    named: pd.Series, annotator: IntArray, groups: tuple[str, ...], annotator_group: IntArray
) -> tuple[tuple[str, ...], IntArray]:
    """Index the named subgroups of each group that has at least two of them: one alone says nothing apart."""
    own = np.empty(annotator_group.size, dtype=object)
    own[annotator] = named.to_numpy()
    names: list[str] = []
    indices = np.full(annotator_group.size, -1, dtype=np.int32)
    for group, group_name in enumerate(groups):
        present = sorted(set(own[annotator_group == group]) - {""})
        for name in present if len(present) > 1 else ():
            indices[(annotator_group == group) & (own == name)] = len(names)
            names.append(f"{group_name}: {name}")
    return tuple(names), indices


def _categories(outcome: IntArray, strength: IntArray) -> tuple[IntArray, int]:
    sizes = np.unique(strength[strength > 0])
    m = max(len(sizes), 1)
    if len(sizes) < N_SIDES:
        return outcome, m
    level = np.searchsorted(sizes, strength) + 1
    graded = np.choose(outcome, [m - level, m, m + level])
    ungraded = np.choose(outcome, [N_SIDES * m + 1, m, N_SIDES * m + 2])
    return np.where(strength > 0, graded, ungraded).astype(np.int32), m


def _length(rows: pd.DataFrame) -> tuple[FloatArray, float]:
    # About zero, not about the mean: a rename of systems flips the sign of some rows and must change no unit.
    ratio = np.sort(rows["log_ratio"].dropna().to_numpy(float) ** 2)
    unit = float(np.sqrt(ratio.mean())) if ratio.size else 0.0
    if unit == 0.0:
        return np.zeros(len(rows)), unit
    scaled = (rows["log_ratio"].fillna(0.0) / unit).to_numpy(float)
    return np.clip(scaled, -LENGTH_BOUND, LENGTH_BOUND), unit


def _item_mean(length: FloatArray, item: IntArray, n_items: int) -> FloatArray:
    total = np.bincount(item, weights=length, minlength=n_items)
    return total / np.bincount(item, minlength=n_items)


def _components(a: IntArray, b: IntArray, n_systems: int) -> IntArray:
    graph = coo_array((np.ones(a.size), (a, b)), shape=(n_systems, n_systems))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)
