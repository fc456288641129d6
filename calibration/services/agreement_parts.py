"""Agreement within parts of the record: by tag, pool, language and window of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from calibration.agreement import slicing
from calibration.agreement.comparisons import slices
from calibration.agreement.results import Agreement

DIMENSIONS = {"tags": "tags", "pool": "pools", "language": "languages", "submitted_at": "windows of time"}
METRICS = ("percent_pooled", "alpha_nominal")
MOST_PARTS = 16
"""Of one dimension; the largest are measured, the others counted in a note."""
DRAWS, FEWEST_DRAWS, DRAWN_ROWS = 1_000, 200, 50_000_000
"""A bootstrap costs draws times rows; a large record gets fewer draws, and each figure says how many."""


@dataclass(slots=True)
class Parts:
    """Agreement by part, the windows' length, and what was left out."""

    records: list[Agreement] = field(default_factory=list)
    window: str = ""
    notes: list[str] = field(default_factory=list)


def measure(
    frame: pd.DataFrame, *, seed: int, code_version: str, data_sha256: str, announce: Callable[[str], None]
) -> Parts:
    """Measure agreement by every dimension that has two parts or more; with one, the part is the whole."""
    found = Parts()
    who = _who(frame)
    for by, name in DIMENSIONS.items():
        announce(f"agreement by {name}")
        window = _window(frame) if by == "submitted_at" else "W"
        part, note = _largest(frame, by, window)
        if part is None:
            continue
        found.notes += [note] if note else []
        found.window = window if by == "submitted_at" else found.window
        found.records += slices(
            part,
            by=by,
            who=who,
            metrics=METRICS,
            window=window,
            seed=seed,
            n_boot=max(FEWEST_DRAWS, min(DRAWS, DRAWN_ROWS // len(part))),
            code_version=code_version,
            data_sha256=data_sha256,
        )
    return found


def _who(frame: pd.DataFrame) -> Sequence[str]:
    """Compare people with each other, and with judges where there are any."""
    kinds = set(frame["annotator_kind"])
    if "human" not in kinds:
        return ("judge",)
    return ("human", "human-judge") if "judge" in kinds else ("human",)


def _window(frame: pd.DataFrame) -> str:
    """Choose the shortest windows that the record fills few enough of."""
    for window in slicing.WINDOWS:
        if len(slicing.members(frame, by="submitted_at", window=window)) <= MOST_PARTS:
            return window
    return slicing.WINDOWS[-1]


def _largest(frame: pd.DataFrame, by: str, window: str) -> tuple[pd.DataFrame | None, str]:
    """Return the rows of the largest parts, None where there is only one part, and what was left out."""
    members = slicing.members(frame, by=by, window=window)
    if len(members) < 2:
        return None, ""
    ranked = sorted(members, key=lambda name: (-len(members[name]), name))
    kept, left = ranked[:MOST_PARTS], len(ranked) - MOST_PARTS
    if left <= 0:
        return frame, ""
    part = frame.iloc[np.unique(np.concatenate([members[name] for name in kept]))]
    if by == "tags":
        values = {name.partition("=")[2] for name in kept}
        part = part.assign(tags=part["tags"].map(lambda tags: tuple(tag for tag in tags if tag in values)))
    return part, f"{left:,} further {DIMENSIONS[by]} with fewer judgments are not measured one by one."
