"""Ranks with their uncertainty, and what they hang on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from calibration.bayes import summaries, votes_to_flip
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.protocol import Protocol
from calibration.bayes.votes_to_flip import Flip

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Hold a board; nothing in it sets systems of different components against each other.

    ``systems``: as ``summaries.systems`` and place within the component (1 the best), sorted by component and place,
    with flips_with (the next system below), votes_to_flip (null where none suffices) and flip_reason. ``ranks``:
    system, component, rank, probability. ``win_probability``: as in ``summaries``, for the reference annotator.
    """

    systems: pd.DataFrame
    ranks: pd.DataFrame
    win_probability: pd.DataFrame
    flips: tuple[Flip, ...]
    n_components: int
    protocol: Protocol
    passed: bool


def leaderboard(fit: Fit, protocol: Protocol) -> Leaderboard:
    """Rank the systems of a fit within their connected components.

    Parameters
    ----------
    fit
        A fit; ``passed`` repeats its gate, a board of a failed fit is for looking only.
    protocol
        What it was measured with, kept for ``protocol.comparable``.

    Returns
    -------
    Leaderboard
        Places follow the posterior mean of strength. A system alone in its component has rank 1 of 1 and nothing to
        flip with.
    """
    drawn = summaries.scaled(fit)
    table = summaries.systems(fit.data, drawn)
    table = table.sort_values(["component", "strength", "system"], ascending=[True, False, True], ignore_index=True)
    table["place"] = table.groupby("component").cumcount() + 1
    flips = tuple(
        votes_to_flip.flip(fit.data, first, second)
        for _, part in table.groupby("component")
        for first, second in zip(part["system"][:-1], part["system"][1:], strict=True)
    )
    return Leaderboard(
        systems=_with_flips(table, flips),
        ranks=_ranks(fit.data, drawn.strength),
        win_probability=summaries.win_probability(fit.data, drawn),
        flips=flips,
        n_components=fit.data.n_components,
        protocol=protocol,
        passed=fit.diagnostics.passed,
    )


def _with_flips(table: pd.DataFrame, flips: tuple[Flip, ...]) -> pd.DataFrame:
    by_first = {one.first: one for one in flips}
    found = [by_first.get(name) for name in table["system"]]
    return table.assign(
        flips_with=pd.Series([one.second if one else None for one in found], dtype=object),
        votes_to_flip=pd.array([one.n if one else None for one in found], dtype="Int64"),
        flip_reason=[one.reason if one else "nobody below it" for one in found],
    )


def _ranks(data: ComparisonData, strength: FloatArray) -> pd.DataFrame:
    """Give the probability of each rank of each system within its component."""
    rows = []
    for part in range(data.n_components):
        inside = np.flatnonzero(data.system_component == part)
        rank = (-strength[:, inside]).argsort(axis=1).argsort(axis=1)
        for k, system in enumerate(inside):
            share = np.bincount(rank[:, k], minlength=inside.size) / len(rank)
            rows += [(data.systems[system], part, place + 1, float(p)) for place, p in enumerate(share)]
    return pd.DataFrame(rows, columns=["system", "component", "rank", "probability"])
