"""crowd-kit's aggregators of labels with their default settings, and its noisy Bradley-Terry for the clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote, NoisyBradleyTerry, OneCoinDawidSkene

from tests.bench import answers


def majority(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Count votes."""
    return _items(MajorityVote(), frame)


def dawid_skene(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit Dawid-Skene by EM."""
    return _items(DawidSkene(), frame)


def one_coin(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit one-coin Dawid-Skene by EM."""
    return _items(OneCoinDawidSkene(), frame)


def glad(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit GLAD by EM."""
    return _items(GLAD(), frame)


def mace(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit MACE by variational Bayes."""
    return _items(MACE(random_state=seed), frame)


def noisy_bradley_terry(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit noisy Bradley-Terry to as many rows as there are judgments; a coin breaks ties."""
    coin = np.random.default_rng(seed).integers(0, 2, len(frame)) * 2
    outcome = answers.outcomes(frame)
    label = frame["system_a"].where(np.where(outcome == 1, coin, outcome) == 0, frame["system_b"])
    rows = {"worker": frame["annotator"], "left": frame["system_a"], "right": frame["system_b"], "label": label}
    NoisyBradleyTerry(n_iter=100, random_state=seed).fit(pd.DataFrame(rows))
    return {}


def _items(model: Any, frame: pd.DataFrame) -> dict[str, Any]:
    """Give probabilities as the project's own table of items does; of repeated labels the last counts."""
    rows = frame.drop_duplicates(["item", "annotator"], keep="last")
    found = model.fit_predict_proba(rows.rename(columns={"item": "task", "annotator": "worker"}))
    table = found.rename(columns=lambda name: f"p_{name}").rename_axis("item").reset_index()
    return {"items": table.to_dict("list")}
