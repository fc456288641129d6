"""Biases of a judge: what a share at the edge is worth."""

import numpy as np
import pandas as pd
import pytest

from calibration.agreement import wilson
from calibration.validity import bias


def verdicts(n):
    return pd.DataFrame({"item": [f"i{k:02d}" for k in range(n)], "won": 1.0})


def test_a_share_at_the_edge_has_the_interval_of_its_n():
    found = bias.over_pairs("share", verdicts(12), lambda frame: float(frame["won"].mean()), recipe="counted")
    low, high = wilson.interval(12, 12, found.ci_level)
    assert (found.value, found.n) == (1.0, 12)
    assert (found.ci_low, found.ci_high) == (pytest.approx(float(low)), pytest.approx(float(high)))
    assert 0.8 < found.ci_low < 0.83
    assert found.recipe == "counted; at the edge Wilson's interval"


def test_a_share_inside_keeps_the_interval_of_resampled_pairs():
    frame = verdicts(40).assign(won=np.arange(40) % 4 > 0)
    found = bias.over_pairs("share", frame, lambda rows: float(rows["won"].mean()), recipe="counted")
    assert found.ci_low < found.value == 0.75 < found.ci_high
    assert found.recipe == "counted"
