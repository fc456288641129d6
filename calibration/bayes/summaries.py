"""Posterior tables of a fit: estimate, sd, equal-tailed 90% interval, n.

Scale: a draw's strengths and qualities are multiplied, and its discriminations divided, by the mean discrimination of
the reference group in that draw. So the average human discriminates with slope 1, and strengths are log-odds for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from calibration.bayes.data import ComparisonData, FloatArray, IntArray
from calibration.bayes.priors import PARAMETERS
from calibration.bayes.sampling import Fit

LOW, HIGH = 0.05, 0.95
MAX_DRAWS = 2_000
# Up to this many systems every pair of them is summarized; numbers of one array of draws that is made for it.
MOST_PAIRED, BLOCK = 200, 2_000_000
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
LITTLE = 0.9


@dataclass(frozen=True, slots=True)
class Summary:
    """Tables of a fit; each estimate ``x`` comes as x, x_sd, x_low, x_high beside n."""

    systems: pd.DataFrame
    win_probability: pd.DataFrame
    annotators: pd.DataFrame
    items: pd.DataFrame
    population: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Scaled:
    """Draws on the reported scale, chains joined: first axis is the draw."""

    strength: FloatArray
    quality: FloatArray
    item_sd: FloatArray
    discrimination: FloatArray
    bias: dict[str, FloatArray]
    tie_width: FloatArray
    lapse: FloatArray
    reference_tie_width: FloatArray

    def win(self, gap: FloatArray) -> FloatArray:
        """Return P(preferred) at a difference of strengths for the reference annotator on a random new item.

        Half credit for ties; the item effect is integrated out by Gauss-Hermite quadrature.
        """
        total = np.zeros_like(gap)
        for node, weight in zip(NODES, WEIGHTS / WEIGHTS.sum(), strict=True):
            total += weight * self.credit(gap + self.item_sd * node, self.reference_tie_width)
        return total

    @staticmethod
    def credit(eta: FloatArray, tie_width: FloatArray) -> FloatArray:
        """Return P(a) + P(tie) / 2 at a linear predictor."""
        return 0.5 + 0.5 * (expit(eta - tie_width) - expit(-eta - tie_width))


def summarize(fit: Fit) -> Summary:
    """Summarize the posterior of a comparison fit.

    Parameters
    ----------
    fit
        A fit, whether or not it passed its gate; chains are joined and thinned evenly to at most 2,000 draws.

    Returns
    -------
    Summary
        Five tables; see the functions below for what each column estimates.
    """
    drawn = scaled(fit)
    return Summary(
        systems=systems(fit.data, drawn),
        win_probability=win_probability(fit.data, drawn),
        annotators=annotators(fit.data, drawn),
        items=items(fit.data, drawn),
        population=population(fit.data, drawn),
    )


def scaled(fit: Fit) -> Scaled:
    """Bring the draws to the reported scale."""
    thinned = fit.joined(MAX_DRAWS)
    data, habit = fit.data, dict(zip(PARAMETERS[1:], np.moveaxis(thinned["habit"], 2, 0), strict=True))
    panel = data.annotator_group == data.reference_group
    unit = thinned["discrimination"][:, panel].mean(axis=1, keepdims=True)
    reference = thinned["group_mean"][:, [PARAMETERS.index("log_tie_width") - 1]]
    return Scaled(
        strength=thinned["strength"] * unit,
        quality=thinned["quality"] * unit,
        item_sd=thinned["scale"][:, [1]] * unit,
        discrimination=thinned["discrimination"] / unit,
        bias={name: habit[name] for name in PARAMETERS[1:-1]},
        lapse=thinned["lapse"],
        tie_width=np.exp(habit["log_tie_width"]),
        reference_tie_width=np.exp(reference),
    )


def systems(data: ComparisonData, drawn: Scaled) -> pd.DataFrame:
    """Return each system's strength, chance against the average system, rank within its component, P(best)."""
    n_item = np.bincount(data.item, minlength=len(data.items))
    ends = (data.item_system_a, data.item_system_b)
    n = sum(np.bincount(end, weights=n_item, minlength=len(data.systems)) for end in ends)
    rank = _ranks(drawn.strength, data.system_component)
    low, middle, high = np.quantile(rank, [LOW, 0.5, HIGH], axis=0)
    return pd.DataFrame(
        {"system": data.systems, "component": data.system_component, "n": np.asarray(n).astype(int)}
        | _estimate("strength", drawn.strength)
        | _estimate("win_probability", drawn.win(drawn.strength))
        | {"rank": middle, "rank_low": low, "rank_high": high, "p_best": (rank == 1).mean(axis=0)}
    )


def win_probability(data: ComparisonData, drawn: Scaled) -> pd.DataFrame:
    """Return for ordered pairs of comparable systems the chance that the first is preferred; n: times they met.

    All pairs of a component; where a board has more than MOST_PAIRED systems, those pairs that met.
    """
    names, n_systems = np.array(data.systems), len(data.systems)
    key = np.minimum(data.item_system_a, data.item_system_b) * n_systems
    key = (key + np.maximum(data.item_system_a, data.item_system_b))[data.item]
    keys, counts = np.unique(key.astype(np.int64), return_counts=True)
    if n_systems <= MOST_PAIRED:
        part = data.system_component
        first, second = np.nonzero(np.triu(part[:, None] == part[None, :], 1))
    else:
        first, second = np.divmod(keys, n_systems)
    asked = first * n_systems + second
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    met = np.where(keys[place] == asked, counts[place], 0)
    step = max(1, BLOCK // len(drawn.strength))
    parts = [
        _estimate(
            "probability", drawn.win(drawn.strength[:, first[k : k + step]] - drawn.strength[:, second[k : k + step]])
        )
        for k in range(0, len(first), step)
    ]
    chance = {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}
    there = pd.DataFrame({"system_1": names[first], "system_2": names[second], "n": met} | chance)
    back = {"system_1": names[second], "system_2": names[first], "n": met} | _turned(chance)
    both = pd.concat([there, pd.DataFrame(back)], ignore_index=True)
    return both.sort_values(["system_1", "system_2"], ignore_index=True)


def _turned(chance: dict[str, Any]) -> dict[str, Any]:
    """Give the estimates of 1 - p for those of p."""
    turned = {
        "probability": "probability",
        "probability_low": "probability_high",
        "probability_high": "probability_low",
    }
    return {name: 1.0 - chance[turned[name]] if name in turned else chance[name] for name in chance}


def annotators(data: ComparisonData, drawn: Scaled) -> pd.DataFrame:
    """Return what describes each annotator.

    Reliability is the expected accuracy against the consensus on a typical task, ties left out: the mean of
    sigma(alpha_j |q|) over the judged items' qualities q, between .5 (coin) and 1; an adversary lies below .5.
    Position shift is the change of P(first) against P(second) at a quality difference of 0. A bias is NaN where the
    judgments of the annotator's group never speak of it: no order or length known, no family of their own.
    """
    position, width = drawn.bias["position_bias"], drawn.tie_width
    shift = 0.5 * (expit(position - width) - expit(-position - width))
    who = pd.DataFrame(
        {
            "annotator": data.annotators,
            "group": np.array(data.groups)[data.annotator_group],
            "n": np.bincount(data.annotator, minlength=len(data.annotators)),
        }
    )
    estimates = (
        _estimate("reliability", _reliability(drawn))
        | _estimate("discrimination", drawn.discrimination)
        | _estimate("tie_width", width)
    )
    measured = dict(zip(PARAMETERS, data.used_parameters()[data.annotator_group].T, strict=True))
    for name, values, of in [(name, bias, name) for name, bias in drawn.bias.items()] + [
        ("position_shift", shift, "position_bias")
    ]:
        estimates |= {key: np.where(measured[of], x, np.nan) for key, x in _estimate(name, values).items()}
    return who.assign(**estimates, little_information=_is_extreme(data))


def _reliability(drawn: Scaled, typical: int = 200) -> FloatArray:
    """Average over evenly spaced quantiles of the size of the judged qualities."""
    size = np.quantile(np.abs(drawn.quality.mean(axis=0)), (np.arange(typical) + 0.5) / typical)
    total = np.zeros_like(drawn.discrimination)
    for quality in size:
        total += expit(drawn.discrimination * quality)
    return total / typical


def _is_extreme(data: ComparisonData) -> npt.NDArray[np.bool_]:
    """Mark annotators whose answers are nearly all ties or too few: their estimates are mostly their group's."""
    n = np.bincount(data.annotator, minlength=len(data.annotators))
    ties = np.bincount(data.annotator, weights=data.outcome == 1, minlength=len(data.annotators))
    return (n < 20) | (ties >= LITTLE * n)


def items(data: ComparisonData, drawn: Scaled) -> pd.DataFrame:
    """Return the posterior outcome of each item for the reference annotator; p_a_better leaves ties out."""
    p_a = expit(drawn.quality - drawn.reference_tie_width)
    p_b = expit(-drawn.quality - drawn.reference_tie_width)
    n = np.bincount(data.item, minlength=len(data.items))
    by_judge = data.annotator_group[data.annotator] == _judges(data)
    n_judge = np.bincount(data.item, weights=by_judge, minlength=len(data.items)).astype(int)
    names = np.array(data.systems)
    return pd.DataFrame(
        {"item": data.items, "system_a": names[data.item_system_a], "system_b": names[data.item_system_b]}
        | {"n_human": n - n_judge, "n_judge": n_judge}
        | {"p_a": p_a.mean(axis=0), "p_tie": 1 - p_a.mean(axis=0) - p_b.mean(axis=0), "p_b": p_b.mean(axis=0)}
        | _estimate("p_a_better", p_a / (p_a + p_b))
    )


def _judges(data: ComparisonData) -> int:
    return data.groups.index("judge") if "judge" in data.groups else -1


def population(data: ComparisonData, drawn: Scaled) -> pd.DataFrame:
    """Return how much items differ within a pair of systems, and each group's means."""
    rows = [_row("item_sd", "", drawn.item_sd[:, 0], data.n_judgments)]
    used = data.used_parameters()
    for index, group in enumerate(data.groups):
        member = data.annotator_group == index
        n = int(member[data.annotator].sum())
        rows.append(_row("mean_discrimination", group, drawn.discrimination[:, member].mean(axis=1), n))
        for name, is_used in zip(PARAMETERS[1:-1], used[index, 1:-1], strict=True):
            if is_used:
                rows.append(_row(f"mean_{name}", group, drawn.bias[name][:, member].mean(axis=1), n))
        rows.append(_row("mean_tie_width", group, drawn.tie_width[:, member].mean(axis=1), n))
        if drawn.lapse[:, index].any():
            rows.append(_row("lapse_rate", group, drawn.lapse[:, index], n))
    return pd.DataFrame(rows)


def _row(name: str, group: str, draws: FloatArray, n: int) -> dict[str, Any]:
    return {"name": name, "group": group, "n": n} | {key: float(x) for key, x in _estimate("value", draws).items()}


def _estimate(name: str, draws: FloatArray) -> dict[str, Any]:
    low, high = np.quantile(draws, [LOW, HIGH], axis=0)
    return {name: draws.mean(axis=0), f"{name}_sd": draws.std(axis=0), f"{name}_low": low, f"{name}_high": high}


def _ranks(strength: FloatArray, component: IntArray) -> IntArray:
    """Rank systems within their component, 1 the strongest; components are never ranked across."""
    rank = np.zeros(strength.shape, dtype=np.int32)
    for part in np.unique(component):
        inside = component == part
        rank[:, inside] = (-strength[:, inside]).argsort(axis=1).argsort(axis=1) + 1
    return rank
