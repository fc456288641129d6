"""Campaigns drawn from the priors of the PyMC definition, and where their truth ranks among a fit's draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pymc as pm
from scipy.special import expit

from calibration.bayes import sampling
from calibration.bayes.comparison import build_comparison_model
from calibration.bayes.data import ComparisonData, comparison_data
from calibration.bayes.priors import PARAMETERS

HUMANS, JUDGES, SYSTEMS, PROMPTS, OVERLAP = 8, 2, 5, 20, 5
SPAMMERS, ADVERSARIES = 0.06, 0.04
# draws among which a truth is ranked, a fit's thinned
RANKED = 99


@dataclass(frozen=True, slots=True)
class PriorDrawn:
    """One campaign and its truth by family of parameters; what contaminated annotators are is no truth."""

    frame: pd.DataFrame
    truth: dict[str, np.ndarray]


def sets(n: int, *, seed: int, contaminated: bool = False) -> Iterator[PriorDrawn]:
    """Draw n campaigns of 1,000 judgments by ten annotators."""
    rng = np.random.default_rng(seed)
    frame = _asked(rng)
    model = build_comparison_model(comparison_data(frame))
    with model:
        prior = pm.sample_prior_predictive(n, random_seed=seed).prior
    for k in range(n):
        drawn = {str(name): prior[name].values[0, k] for name in prior.data_vars}
        yield _answered(frame, drawn, rng, contaminated)


def _asked(rng: np.random.Generator) -> pd.DataFrame:
    """Give every annotator a hundred items; sides and lengths at random."""
    pairs = list(combinations(range(SYSTEMS), 2))
    names = [f"human-{k}" for k in range(HUMANS)] + [f"judge-{k}" for k in range(JUDGES)]
    rows = [
        {
            "item": f"{prompt:02d}-{a}-{b}",
            "system_a": f"system-{a}",
            "system_b": f"system-{b}",
            "annotator": names[(place + number) % len(names)],
        }
        for number, (prompt, (a, b)) in enumerate((p, pair) for p in range(PROMPTS) for pair in pairs)
        for place in range(0, 2 * OVERLAP, 2)
    ]
    frame = pd.DataFrame(rows)
    frame["annotator_kind"] = frame["annotator"].str.partition("-")[0]
    item = frame["item"].astype("category").cat.codes.to_numpy()
    n_items = item.max() + 1
    return frame.assign(
        shown_order=np.where(rng.random(len(frame)) < 0.5, "ab", "ba"),
        length_a=np.exp(rng.normal(6.0, 0.7, n_items))[item],
        length_b=np.exp(rng.normal(6.0, 0.7, n_items))[item],
        outcome=rng.choice(["a", "tie", "b"], len(frame)),
    )


def _answered(
    frame: pd.DataFrame, drawn: dict[str, np.ndarray], rng: np.random.Generator, contaminated: bool
) -> PriorDrawn:
    data = comparison_data(frame)
    own_names = [name for name in PARAMETERS if drawn[name].size]
    annotator = np.zeros((len(data.annotators), len(PARAMETERS)))
    annotator[:, [PARAMETERS.index(name) for name in own_names]] = np.column_stack([drawn[name] for name in own_names])
    kind = rng.choice(3, len(data.annotators), p=[1 - SPAMMERS - ADVERSARIES, SPAMMERS, ADVERSARIES])
    kind = kind if contaminated else np.zeros_like(kind)
    own = annotator[data.annotator]
    own[:, 0] *= np.where(kind == 2, -1.0, 1.0)[data.annotator]
    eta = own[:, 0] * drawn["quality"][data.item] + (own[:, 1:-1] * data.covariates).sum(axis=1)
    kappa, u = np.exp(own[:, -1]), rng.random(len(eta))
    answer = np.where(u < expit(eta - kappa), "a", np.where(u < 1.0 - expit(-eta - kappa), "tie", "b"))
    spam = (kind == 1)[data.annotator]
    answer = np.where(spam, rng.choice(["a", "tie", "b"], len(eta)), answer)
    honest = kind == 0
    truth = {name: np.where(honest, drawn[name], np.nan) for name in own_names}
    truth |= {"strength": drawn["strength"], "quality": drawn["quality"], "scale": drawn["scale"]}
    return PriorDrawn(_in_rows(data, frame).assign(outcome=answer), truth)


def _in_rows(data: ComparisonData, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the frame's rows in the data's order."""
    key = pd.DataFrame(
        {"item": np.array(data.items)[data.item], "annotator": np.array(data.annotators)[data.annotator]}
    )
    return key.merge(frame, on=["item", "annotator"], validate="one_to_one")


def ranks(fit: sampling.Fit, truth: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Count the draws below each true value, 0 to RANKED; not a number where there is no truth."""
    draws = fit.joined(RANKED)
    own = np.concatenate([draws["discrimination"][:, :, None], draws["habit"]], axis=2)
    drawn = {name: own[:, :, p] for p, name in enumerate(PARAMETERS)}
    used = np.concatenate([[True, True], fit.data.used_parameters().ravel()])
    drawn |= {"strength": draws["strength"], "quality": draws["quality"], "scale": draws["scale"][:, used]}
    return {name: np.where(np.isnan(true), np.nan, (drawn[name] < true).sum(axis=0)) for name, true in truth.items()}
