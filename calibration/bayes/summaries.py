"""Posterior tables of a fit: estimate, sd, equal-tailed 90% interval, n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration.bayes.sampling import Fit

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


@dataclass(frozen=True, slots=True)
class Summary:
    systems: pd.DataFrame
    win_probability: pd.DataFrame
    annotators: pd.DataFrame
    items: pd.DataFrame
    population: pd.DataFrame


def _sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def _columns(name: str, draws: np.ndarray) -> dict[str, np.ndarray]:
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    return {name: draws.mean(0), f"{name}_sd": draws.std(0), f"{name}_low": low, f"{name}_high": high}


def summarize(fit: Fit) -> Summary:
    data = fit.data
    d = {name: values.reshape(-1, *values.shape[2:]) for name, values in fit.draws.items()}
    d = {name: values[:: max(1, len(values) // 2000)] for name, values in d.items()}
    panel = data.annotator_group == data.reference_group
    c = d["discrimination"][:, panel].mean(1, keepdims=True)
    strength, quality, item_sd = d["strength"] * c, d["quality"] * c, d["item_sd"].reshape(-1, 1) * c
    alpha, kappa = d["discrimination"] / c, np.exp(d["log_tie_width"])
    width = np.exp(d["log_tie_width_mean"][:, :1])
    n_item = np.bincount(data.item, minlength=len(data.items))
    a, b = data.item_system_a, data.item_system_b
    n_system = np.bincount(a, n_item, len(data.systems)) + np.bincount(b, n_item, len(data.systems))

    def win(gap):
        w = WEIGHTS / WEIGHTS.sum()
        total = 0.0
        for node, weight in zip(NODES, w, strict=True):
            eta = gap + item_sd * node
            total = total + weight * (0.5 + 0.5 * (_sigmoid(eta - width) - _sigmoid(-eta - width)))
        return total

    rank = (-strength).argsort(1).argsort(1) + 1
    low, mid, high = np.quantile(rank, [0.05, 0.5, 0.95], axis=0)
    systems = pd.DataFrame(
        {"system": data.systems, "component": data.system_component, "n": n_system}
        | _columns("strength", strength)
        | _columns("win_probability", win(strength))
        | {"rank_low": low, "rank": mid, "rank_high": high, "p_best": (rank == 1).mean(0)}
    )
    first, second = np.nonzero(~np.eye(len(data.systems), dtype=bool))
    n_pair = np.zeros((len(data.systems),) * 2)
    np.add.at(n_pair, (a, b), n_item)
    n_pair = n_pair + n_pair.T
    names = np.array(data.systems)
    pairs = pd.DataFrame(
        {"system_1": names[first], "system_2": names[second], "n": n_pair[first, second].astype(int)}
        | _columns("probability", win(strength[:, first] - strength[:, second]))
    )
    spread = np.sqrt(2 * strength.var(1, keepdims=True) + item_sd**2)
    position, length = d["bias"][:, :, 0], d["bias"][:, :, 1]
    reliability = 0.5 + np.arctan(np.abs(0) + alpha * spread / 1.7) / np.pi
    annotators = pd.DataFrame(
        {"annotator": data.annotators, "group": np.array(data.groups)[data.annotator_group]}
        | {"n": np.bincount(data.annotator, minlength=len(data.annotators)), "little_information": False}
        | _columns("reliability", reliability)
        | _columns("discrimination", alpha)
        | _columns("position_bias", position)
        | _columns("position_shift", 0.5 * (_sigmoid(position - kappa) - _sigmoid(-position - kappa)))
        | _columns("length_bias", length)
        | _columns("tie_width", kappa)
    )
    p_a, p_b = _sigmoid(quality - width), _sigmoid(-quality - width)
    judge = data.annotator_group[data.annotator] != data.reference_group
    n_judge = np.bincount(data.item, judge, len(data.items)).astype(int)
    items = pd.DataFrame(
        {"item": data.items, "system_a": names[a], "system_b": names[b]}
        | {"n_human": n_item - n_judge, "n_judge": n_judge}
        | {"p_a": p_a.mean(0), "p_b": p_b.mean(0), "p_tie": (1 - p_a - p_b).mean(0)}
        | _columns("p_a_better", p_a / (p_a + p_b))
    )
    rows = [("item_sd", "", item_sd[:, 0], data.n_judgments)]
    population = pd.DataFrame(
        [{"name": name, "group": group, "n": n} | {k: float(v) for k, v in _columns("value", x).items()} for name, group, x, n in rows]
    )
    return Summary(systems, pairs, annotators, items, population)
