from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.agreement.comparisons import comparisons
from tests.calibration.agreement.measured import ALL, close, values
from tests.calibration.agreement.strategies import SYSTEMS, frames, turned


@given(frame=frames(), flips=st.lists(st.booleans(), min_size=30, max_size=30), seed=st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_encoding_the_sides_otherwise_changes_no_value_and_no_interval(
    frame: pd.DataFrame, flips: list[bool], seed: int
) -> None:
    again = turned(frame, np.array(flips[: len(frame)]))
    for orientation in ("symmetric", "canonical"):
        settings: dict[str, Any] = {"seed": seed, "n_boot": 40, "orientation": orientation}
        assert comparisons(frame, **settings) == comparisons(again, **settings)


@given(frame=frames(), order=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_changes_nothing(frame: pd.DataFrame, order) -> None:
    rows = list(range(len(frame)))
    order.shuffle(rows)
    assert comparisons(frame, seed=1, n_boot=40) == comparisons(frame.iloc[rows], seed=1, n_boot=40)


@given(frame=frames(), names=st.permutations(["p", "q", "r", "s", "t"]))
@settings(deadline=None, max_examples=30)
def test_names_of_annotators_change_no_value(frame: pd.DataFrame, names: list[str]) -> None:
    renamed = {f"someone-{number}": name for number, name in enumerate(names)}
    assert close(values(frame), values(frame.assign(annotator=frame["annotator"].map(renamed))))


@given(frame=frames(), names=st.permutations(SYSTEMS))
@settings(deadline=None, max_examples=30)
def test_names_of_systems_change_no_value_and_no_interval(frame: pd.DataFrame, names: list[str]) -> None:
    renamed = dict(zip(SYSTEMS, names, strict=True))
    other = frame.assign(system_a=frame["system_a"].map(renamed), system_b=frame["system_b"].map(renamed))
    settings: dict[str, Any] = {"seed": 2, "n_boot": 40, "metrics": ALL}
    for one, two in zip(comparisons(frame, **settings), comparisons(other, **settings), strict=True):
        assert (one.value, one.ci_low, one.ci_high) == pytest.approx(
            (two.value, two.ci_low, two.ci_high), abs=1e-9, nan_ok=True
        )


@given(frame=frames())
@settings(deadline=None, max_examples=20)
def test_names_of_items_change_no_value(frame: pd.DataFrame) -> None:
    assert close(values(frame), values(frame.assign(item=frame["item"].str[::-1])))
