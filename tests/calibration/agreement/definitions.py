"""The statistics as their definitions say, one pair of judgments at a time: slow, and independent of the product."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import permutations
from math import comb
from typing import NamedTuple


class Judgment(NamedTuple):
    unit: int
    annotator: int
    code: int
    kind: int = 0


Weights = dict[int, float]


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
    units: dict[int, list[Judgment]] = defaultdict(list)
    for judgment in judgments:
        units[judgment.unit].append(judgment)
    weight = {unit: (unit_weights or {}).get(unit, 0.0 if unit_weights else 1.0) for unit in units}
    copies = {j.annotator: (annotator_weights or {}).get(j.annotator, 0.0 if annotator_weights else 1.0) for j in judgments}

    coincidence = [[0.0] * n_codes for _ in range(n_codes)]
    share = [0.0] * n_codes
    pooled_agree = pooled = share_units = paired_units = 0.0
    per_unit: list[tuple[float, list[tuple[int, int, float]]]] = []
    for unit, rows in units.items():
        pairs = [
            (left.code, right.code, copies[left.annotator] * copies[right.annotator])
            for left, right in permutations(rows, 2)
            if not cross or left.kind != right.kind
        ]
        total = sum(copies[row.annotator] for row in rows)
        weighed = sum(pair[2] for pair in pairs)
        if weight[unit] and weighed > 0:
            per_unit.append((weight[unit], [(c, k, w / weighed) for c, k, w in pairs]))
            paired_units += weight[unit]
            for c, k, w in pairs:
                coincidence[c][k] += weight[unit] * w * total / weighed
                pooled += weight[unit] * w
                pooled_agree += weight[unit] * w * (c == k)
        if weight[unit] and total > 0 and (weighed > 0 or not cross):
            share_units += weight[unit]
            for row in rows:
                if not cross:
                    part = copies[row.annotator] / total
                else:
                    part = copies[row.annotator] / sum(copies[r.annotator] for r in rows if r.kind == row.kind) / 2
                share[row.code] += weight[unit] * part
    if pooled == 0:
        return None
    if symmetric:
        last = n_codes - 1
        coincidence = [
            [(coincidence[c][k] + coincidence[last - c][last - k]) / 2 for k in range(n_codes)] for c in range(n_codes)
        ]
        share = [(share[c] + share[last - c]) / 2 for c in range(n_codes)]
    share = [s / share_units for s in share]

    if name == "percent_pooled":
        return pooled_agree / pooled
    if name.startswith("alpha_") and name != "alpha_ordinal_weights_gwet":
        return _alpha(coincidence, _delta(name, coincidence, values))
    w = _weights(name, n_codes, values)
    if name == "alpha_ordinal_weights_gwet":
        return _alpha(coincidence, [[1 - w[c][k] for k in range(n_codes)] for c in range(n_codes)])
    observed = sum(u * sum(w[c][k] * p for c, k, p in pairs) for u, pairs in per_unit) / paired_units
    if name == "percent_unit_mean":
        return observed
    everything = sum(map(sum, w))
    if name.startswith("fleiss"):
        expected = sum(w[c][k] * share[c] * share[k] for c in range(n_codes) for k in range(n_codes))
    elif name == "brennan_prediger":
        expected = everything / n_codes**2
    else:
        if n_codes == 1:
            return None
        expected = everything / (n_codes * (n_codes - 1)) * sum(s * (1 - s) for s in share)
    return None if 1 - expected < 1e-12 else (observed - expected) / (1 - expected)


def _delta(name: str, coincidence: list[list[float]], values: list[float]) -> list[list[float]]:
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


def _alpha(coincidence: list[list[float]], delta: list[list[float]]) -> float | None:
    codes = range(len(coincidence))
    n_c = [sum(row) for row in coincidence]
    n = sum(n_c)
    if sum(count > 1e-9 * n for count in n_c) < 2:
        return None
    observed = sum(coincidence[c][k] * delta[c][k] for c in codes for k in codes) / n
    expected = sum(n_c[c] * n_c[k] * delta[c][k] for c in codes for k in codes) / (n * (n - 1))
    return 1 - observed / expected


def _weights(name: str, n_codes: int, values: list[float]) -> list[list[float]]:
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
