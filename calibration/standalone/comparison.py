"""Comparisons: which columns they have, and what one criterion of them gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from calibration.agreement.comparisons import comparisons
from calibration.standalone import origin, values
from calibration.standalone.checking import Checked, constant_per, human_by_default
from calibration.standalone.problems import refusals
from calibration.standalone.results import Part
from calibration.standalone.settings import Settings
from calibration.standalone.values import Column

OUTCOMES = ("a", "b", "tie", "both_bad")
ANSWER = "outcome"
COLUMNS = (
    Column("item", values.text, needed=True),
    Column("annotator", values.text, needed=True),
    Column("system_a", values.text, needed=True),
    Column("system_b", values.text, needed=True),
    Column("outcome", values.choice(*OUTCOMES), needed=True),
    Column("shown_order", values.choice("ab", "ba")),
    Column("length_a", values.length),
    Column("length_b", values.length),
    Column("strength", values.whole),
    Column("annotator_kind", values.choice("human", "llm", "judge", "oracle", "heuristic")),
    Column("annotator_family", values.text),
    Column("annotator_group", values.text),
    Column("system_family_a", values.text),
    Column("system_family_b", values.text),
    Column("submitted_at", values.moment),
    Column("criterion", values.text),
    Column("round", values.count),
)
CHAINS = 4


def different_systems(checked: Checked) -> None:
    """Refuse a comparison of a system with itself."""
    same = (checked.frame["system_a"] == checked.frame["system_b"]).to_numpy(bool)
    for row in np.flatnonzero(same).tolist():
        checked.refuse(
            row, "system_b", "identical_responses", "is the same as system_a; a comparison needs two systems"
        )


def strength_says_outcome(checked: Checked) -> None:
    """Refuse a strength that contradicts its outcome: signed where any is negative, else only a size."""
    if not {"strength", "outcome"} <= set(checked.frame):
        return
    strength = checked.frame["strength"].astype(float).fillna(0.0).to_numpy()
    side = checked.frame["outcome"].map({"a": 1.0, "b": -1.0}).fillna(0.0).to_numpy(float)
    expected = side if (strength < 0).any() else np.abs(side)
    for row in np.flatnonzero((strength != 0) & (np.sign(strength) != expected)).tolist():
        outcome = checked.frame["outcome"].iloc[row]
        message = f"does not go with outcome {outcome}: above 0 means a is better, below 0 b, 0 a tie; correct one"
        checked.refuse(row, "strength", "bad_range", message)


RULES = (
    different_systems,
    strength_says_outcome,
    constant_per("annotator", "annotator_kind", "annotator_family", "annotator_group"),
)


def completed(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Put in what may be left out, and say how often it was."""
    frame, notes = human_by_default(frame)
    if "round" in frame:
        frame = frame.assign(round=frame["round"].fillna(0.0).astype(int))
    numbers = {name: frame[name].astype(float) for name in ("length_a", "length_b", "strength") if name in frame}
    return frame.assign(**numbers), notes


def fit(
    frame: pd.DataFrame,
    settings: Settings,
    progress: Callable[[Any], None],
    data_sha256: str,
    gold: pd.DataFrame | None = None,
) -> Part:
    """Measure agreement and fit the comparison model to the rows of one criterion; there is no gold."""
    from calibration.bayes import predictive, sampling, summaries
    from calibration.bayes.data import comparison_data

    with refusals():
        data = comparison_data(frame)
    agreement = comparisons(frame, seed=settings.seed, code_version=origin.code_sha256(), data_sha256=data_sha256)
    draws = settings.draws or sampling.MAIN[1]
    found = sampling.fit(data, seed=settings.seed, chains=settings.chains or CHAINS, draws=draws, progress=progress)
    drawn = summaries.scaled(found)
    tables = {
        "annotators": summaries.annotators(data, drawn),
        "systems": summaries.systems(data, drawn),
        "items": _consensus_first(summaries.items(data, drawn)),
        "population": summaries.population(data, drawn),
        "win_probability": summaries.win_probability(data, drawn),
    }

    def predict(rows: pd.DataFrame) -> pd.DataFrame:
        with refusals():
            return pd.DataFrame(predictive.probabilities(found, rows), columns=["p_a", "p_tie", "p_b"])

    return Part(
        tables=tables,
        agreement=[record.as_dict() for record in agreement],
        diagnostics=_diagnostics(found),
        counts=_counts(frame, data),
        predict=predict,
        warnings=_warnings(data, summaries.MOST_PAIRED),
    )


def _consensus_first(items: pd.DataFrame) -> pd.DataFrame:
    first = ["item", "system_a", "system_b", "p_a", "p_tie", "p_b"]
    return items[[*first, *(name for name in items if name not in first)]]


def _diagnostics(found: Any) -> dict[str, Any]:
    run = {name: getattr(found, name) for name in ("chains", "tune", "n_draws", "seed", "attempts")}
    return found.diagnostics.as_dict() | run


def _counts(frame: pd.DataFrame, data: Any) -> dict[str, Any]:
    outcomes = frame["outcome"].value_counts()
    return {
        "rows": len(frame),
        "annotators": len(data.annotators),
        "groups": {name: int((data.annotator_group == index).sum()) for index, name in enumerate(data.groups)},
        "systems": len(data.systems),
        "components": data.n_components,
        "items": frame["item"].nunique(),
        "items_and_pairs": len(data.items),
        "outcomes": {name: int(outcomes.get(name, 0)) for name in OUTCOMES},
        "both_bad": data.n_both_bad,
        "repeats": data.n_repeats,
        "unknown_order": data.n_unknown_order,
        "unknown_length": data.n_unknown_length,
        "dropped": 0,
        "model_data_sha256": data.sha256(),
    }


def _warnings(data: Any, most_paired: int) -> tuple[str, ...]:
    found = []
    if len(data.systems) > most_paired:
        found.append(
            f"With more than {most_paired} systems, win_probability holds the pairs that met, not all; "
            "the strengths tell of the others."
        )
    if data.n_components > 1:
        found.append(
            f"The systems fall into {data.n_components} parts that were never compared with each other; "
            "strengths and ranks hold within a part only (column component)."
        )
    if len(data.annotators) == 1:
        found.append("There is one annotator: no agreement, and reliability only from the prior and its consistency.")
    return tuple(found)
