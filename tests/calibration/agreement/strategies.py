"""Random judgments and frames for properties."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from calibration.agreement.coding import Coded, encode
from tests.calibration.agreement.definitions import Judgment


@st.composite
def judgments(draw: st.DrawFn, n_codes: int = 4) -> list[Judgment]:
    """Some annotators, the even ones of kind 0, who judged some of the units."""
    n_units, n_annotators = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cells = [(unit, annotator) for unit in range(n_units) for annotator in range(n_annotators)]
    codes = draw(st.lists(st.none() | st.integers(0, n_codes - 1), min_size=len(cells), max_size=len(cells)))
    rows = [Judgment(*cell, code, cell[1] % 2) for cell, code in zip(cells, codes, strict=True) if code is not None]
    return rows or [Judgment(0, 0, 0, 0)]


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """A long frame of comparisons among four systems, people and judges, without repeats."""
    rows = draw(judgments(n_codes=4))
    pairs = {row.unit: draw(st.sampled_from(PAIRS)) for row in rows}
    menu = draw(st.sampled_from([OUTCOMES, ("a", "b")]))
    return pd.DataFrame(
        {
            "item": [f"task-{row.unit}" for row in rows],
            "annotator": [f"someone-{row.annotator}" for row in rows],
            "annotator_kind": ["judge" if row.kind else "human" for row in rows],
            "criterion": "overall",
            "system_a": [pairs[row.unit][0] for row in rows],
            "system_b": [pairs[row.unit][1] for row in rows],
            "outcome": [menu[row.code % len(menu)] for row in rows],
            "shown_order": [draw(st.sampled_from(["ab", "ba", None])) for _ in rows],
            "round": 0,
            "submitted_at": pd.NaT,
        }
    )


SYSTEMS = ("amber", "birch", "cedar", "delta")
PAIRS = [(first, second) for first in SYSTEMS for second in SYSTEMS if first < second]
OUTCOMES = ("a", "b", "tie", "both_bad")
TURNED = {"a": "b", "b": "a", "tie": "tie", "both_bad": "both_bad"}


def turned(frame: pd.DataFrame, chosen: np.ndarray) -> pd.DataFrame:
    """Encode the chosen rows with their sides exchanged: the same answers about the same responses."""
    other = frame.copy()
    other.loc[chosen, ["system_a", "system_b"]] = frame.loc[chosen, ["system_b", "system_a"]].to_numpy()
    other.loc[chosen, "outcome"] = frame.loc[chosen, "outcome"].map(TURNED)
    other.loc[chosen, "shown_order"] = frame.loc[chosen, "shown_order"].map({"ab": "ba", "ba": "ab"})
    return other


def coded(
    rows: list[Judgment],
    n_codes: int,
    *,
    symmetric: bool = False,
    cross: bool = False,
    scores: list[float] | None = None,
) -> Coded:
    unit, annotator, code, kind = (np.array(column) for column in zip(*rows, strict=True))
    return encode(
        unit,
        annotator,
        code,
        n_codes=n_codes,
        scores=None if scores is None else np.array(scores),
        mirror=np.arange(n_codes)[::-1].copy() if symmetric else None,
        kind=kind if cross else None,
        cross=cross,
    )
