"""The statistics as their definitions say, one pair of judgments at a time: slow, and independent of the product."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import comb
from typing import NamedTuple


class Judgment(NamedTuple):
    unit: int
    annotator: int
    code: int
    kind: int = 0


Weights = dict[int, float]
Table = list[list[float]]


@dataclass
class Setting:
    """How the judgments are to be read."""

    n_codes: int
    scores: list[float]
    symmetric: bool
    cross: bool
    unit_weights: Weights | None
    annotator_weights: Weights | None

    def of_unit(self, unit: int) -> float:
        return 1.0 if self.unit_weights is None else self.unit_weights.get(unit, 0.0)

    def of_annotator(self, annotator: int) -> float:
        return 1.0 if self.annotator_weights is None else self.annotator_weights.get(annotator, 0.0)


@dataclass(frozen=True)
class Unit:
    """One unit: its weight, its judgments with their weights, its ordered pairs with theirs."""

    weight: float
    judgments: list[tuple[Judgment, float]]
    pairs: list[tuple[int, int, float]]

    @property
    def total(self) -> float:
        return sum(weight for _, weight in self.judgments)

    @property
    def of_pairs(self) -> float:
        return sum(weight for _, _, weight in self.pairs)


def statistic(
    name: str,
    judgments: Sequence[Judgment],
    n_codes: int,
    *,
    scores: Sequence[float] | None = None,
    symmetric: bool = False,
    cross: bool = False,
    unit_weights: Weights | None = None,
    annotator_weights: Weights | None = None,
) -> float | None:
    """Return one statistic, or None where it is undefined."""
    values = list(scores) if scores is not None else [float(code) for code in range(n_codes)]
    setting = Setting(n_codes, values, symmetric, cross, unit_weights, annotator_weights)
    units = _units(judgments, setting)
    paired = [unit for unit in units if unit.of_pairs > 0]
    if not paired:
        return None
    if name == "percent_pooled":
        agree = sum(unit.weight * weight for unit in paired for c, k, weight in unit.pairs if c == k)
        return agree / sum(unit.weight * unit.of_pairs for unit in paired)
    weights = _weights(name, n_codes, values)
    if name.startswith("alpha_"):
        coincidence = _coincidence(paired, setting)
        gwet = name == "alpha_ordinal_weights_gwet"
        delta = [[1 - w for w in row] for row in weights] if gwet else _delta(name, coincidence, values)
        return _alpha(coincidence, delta)
    observed = sum(unit.weight * _observed(unit, weights) for unit in paired) / sum(unit.weight for unit in paired)
    if name == "percent_unit_mean":
        return observed
    expected = _expected(name, weights, _shares(paired if cross else units, setting))
    return None if 1 - expected < 1e-12 else (observed - expected) / (1 - expected)


def _units(judgments: Sequence[Judgment], setting: Setting) -> list[Unit]:
    rows: dict[int, list[tuple[Judgment, float]]] = defaultdict(list)
    for judgment in judgments:
        rows[judgment.unit].append((judgment, setting.of_annotator(judgment.annotator)))
    units = []
    for number, given in rows.items():
        pairs = [
            (one.code, other.code, left * right)
            for (one, left), (other, right) in permutations(given, 2)
            if not setting.cross or one.kind != other.kind
        ]
        units.append(Unit(setting.of_unit(number), given, pairs))
    return [unit for unit in units if unit.weight > 0 and unit.total > 0]


def _coincidence(paired: list[Unit], setting: Setting) -> Table:
    codes, last = range(setting.n_codes), setting.n_codes - 1
    table = [[0.0] * setting.n_codes for _ in codes]
    for unit in paired:
        for c, k, weight in unit.pairs:
            table[c][k] += unit.weight * weight * unit.total / unit.of_pairs
    if setting.symmetric:
        return [[(table[c][k] + table[last - c][last - k]) / 2 for k in codes] for c in codes]
    return table


def _shares(units: list[Unit], setting: Setting) -> list[float]:
    share = [0.0] * setting.n_codes
    for unit in units:
        for judgment, weight in unit.judgments:
            peers = [w for other, w in unit.judgments if not setting.cross or other.kind == judgment.kind]
            share[judgment.code] += unit.weight * weight / sum(peers) / (2 if setting.cross else 1)
    share = [value / sum(unit.weight for unit in units) for value in share]
    return [(one + other) / 2 for one, other in zip(share, share[::-1], strict=True)] if setting.symmetric else share


def _observed(unit: Unit, weights: Table) -> float:
    return sum(weights[c][k] * weight for c, k, weight in unit.pairs) / unit.of_pairs


def _expected(name: str, weights: Table, share: list[float]) -> float:
    codes, everything = range(len(share)), sum(sum(row) for row in weights)
    if name.startswith("fleiss"):
        return sum(weights[c][k] * share[c] * share[k] for c in codes for k in codes)
    if name == "brennan_prediger":
        return everything / len(share) ** 2
    if len(share) == 1:
        return 1.0
    return everything / (len(share) * (len(share) - 1)) * sum(value * (1 - value) for value in share)


def _delta(name: str, coincidence: Table, values: list[float]) -> Table:
    n = [sum(row) for row in coincidence]

    def squared(c: int, k: int) -> float:
        low, high = min(c, k), max(c, k)
        if name == "alpha_nominal":
            return float(c != k)
        if name == "alpha_ordinal_krippendorff":
            return (sum(n[low : high + 1]) - (n[c] + n[k]) / 2) ** 2
        if name == "alpha_interval":
            return (values[c] - values[k]) ** 2
        return 0.0 if values[c] + values[k] == 0 else ((values[c] - values[k]) / (values[c] + values[k])) ** 2

    return [[squared(c, k) for k in range(len(n))] for c in range(len(n))]


def _alpha(coincidence: Table, delta: Table) -> float | None:
    codes = range(len(coincidence))
    n_c = [sum(row) for row in coincidence]
    n = sum(n_c)
    if sum(count > 1e-9 * n for count in n_c) < 2:
        return None
    observed = sum(coincidence[c][k] * delta[c][k] for c in codes for k in codes) / n
    expected = sum(n_c[c] * n_c[k] * delta[c][k] for c in codes for k in codes) / (n * (n - 1))
    return 1 - observed / expected


def _weights(name: str, n_codes: int, values: list[float]) -> Table:
    wide = max(values) - min(values) or 1.0

    def of(c: int, k: int) -> float:
        if name.endswith("_linear"):
            return 1 - abs(values[c] - values[k]) / wide
        if name.endswith("_quadratic"):
            return 1 - (values[c] - values[k]) ** 2 / wide**2
        if name in {"ac2_ordinal", "alpha_ordinal_weights_gwet"}:
            return 1 - comb(abs(c - k) + 1, 2) / max(comb(n_codes, 2), 1)
        return float(c == k)

    return [[of(c, k) for k in range(n_codes)] for c in range(n_codes)]
