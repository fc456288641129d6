"""All that a run says of agreement: over everything, by part, by pair of annotators, by turn."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from calibration.agreement.comparisons import comparisons
from calibration.agreement.mt_bench import mt_bench_table
from calibration.agreement.pairs import Pair, TooManyPairs, pair_matrix
from calibration.agreement.results import Agreement
from calibration.services import agreement_parts

MOST_PAIRS = 5_000
"""Stored for one criterion; those with the most common tasks."""
MOST_ANNOTATORS = 1_000
EXPERTS = "expert"


@dataclass(frozen=True, slots=True)
class Measured:
    """Every agreement figure of a run; ``facts`` is plain: window, notes, votes by turn."""

    records: list[Agreement]
    pairs: list[Pair]
    facts: dict[str, Any]


def measure(
    frame: pd.DataFrame,
    turns: pd.DataFrame,
    *,
    seed: int,
    code_version: str,
    data_sha256: str,
    announce: Callable[[str], None],
) -> Measured:
    """Measure a run's frame.

    Parameters
    ----------
    frame
        The long frame of all criteria.
    turns
        judgment_id, question, turn of the judgments that name them.
    announce
        Told what is measured next.
    """
    origin: dict[str, Any] = {"seed": seed, "code_version": code_version, "data_sha256": data_sha256}
    announce("agreement")
    overall = comparisons(frame, **origin)
    parts = agreement_parts.measure(frame, announce=announce, **origin)
    announce("agreement of pairs")
    pairs, notes = _pairs(frame)
    facts = {"window": parts.window, "notes": parts.notes + notes, "turns": _by_turn(frame, turns)}
    return Measured(overall + parts.records, pairs, facts)


def _pairs(frame: pd.DataFrame) -> tuple[list[Pair], list[str]]:
    notes = []
    try:
        found = pair_matrix(frame)
    except TooManyPairs:
        busiest = frame["annotator"].value_counts(sort=True).index[:MOST_ANNOTATORS]
        found = pair_matrix(frame[frame["annotator"].isin(busiest)])
        notes.append(f"Pairs are of the {MOST_ANNOTATORS:,} annotators with the most judgments.")
    found.sort(key=lambda pair: (pair.criterion or "", -pair.n_items, pair.first, pair.second))
    place: Counter[str | None] = Counter()
    kept = []
    for pair in found:
        place[pair.criterion] += 1
        if place[pair.criterion] <= MOST_PAIRS:
            kept.append(pair)
    if len(kept) < len(found):
        left = len(found) - len(kept)
        notes.append(f"{left:,} pairs with fewer common tasks are not stored.")
    return kept, notes


def _by_turn(frame: pd.DataFrame, turns: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Count votes of experts against each other and against judges, where questions have turns and experts voted."""
    if turns.empty or not (frame["annotator_group"] == EXPERTS).any():
        return {}
    voted = frame.merge(turns, on="judgment_id")
    voted = voted[voted["annotator_kind"].isin(["human", "judge"])]
    return {
        str(criterion): [asdict(cell) for cell in mt_bench_table(part)]
        for criterion, part in voted.groupby("criterion")
    }
