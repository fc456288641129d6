from typing import Any

import numpy as np
import pandas as pd
import pytest

from calibration.agreement.comparisons import RATIO, UnknownChoice, comparisons
from calibration.agreement.metrics import NO_PAIRS, NO_VARIATION, UnknownMetric
from calibration.agreement.records import InvalidSetting
from tests.calibration.agreement.measured import ALL, by_key, frame_of

HOSTILE = {
    "no rows": frame_of(),
    "one judgment": frame_of(("1", "x", "a")),
    "one annotator": frame_of(*((f"{item}", "x", "a") for item in range(30))),
    "no overlap": frame_of(("1", "x", "a"), ("2", "y", "b")),
    "one pair": frame_of(("1", "x", "a"), ("1", "y", "b")),
    "all ties": frame_of(*((f"{item}", who, "tie") for item in range(9) for who in "xyz")),
    "constant": frame_of(*((f"{item}", who, "b") for item in range(9) for who in "xyz")),
    "duplicate rows": pd.concat([frame_of(("1", "x", "a"), ("1", "y", "a"))] * 5),
    "annotator with one judgment": frame_of(("1", "x", "a"), ("1", "y", "a"), ("2", "x", "b"), ("2", "z", "b")),
    "everyone on one item": frame_of(*(("1", f"{who}", "ab"[who % 2]) for who in range(500))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_frame_gives_values_or_reasons(name: str) -> None:
    for record in comparisons(HOSTILE[name], seed=1, n_boot=50, metrics=ALL):
        assert (record.value is None) == bool(record.undefined_reason)
        assert record.value is None or np.isfinite(record.value)
        assert (record.ci_low is None) == (record.ci_high is None)
        assert record.ci_low is None or np.diff([record.ci_low, record.ci_high]) >= 0
        assert len(record.ci_method) <= 60


@pytest.mark.parametrize("name", ["no rows", "one judgment", "one annotator", "no overlap"])
def test_without_two_judgments_of_a_unit_there_is_a_reason(name: str) -> None:
    assert {(r.value, r.undefined_reason) for r in comparisons(HOSTILE[name], seed=1)} == {(None, NO_PAIRS)}


def test_ties_alone_leave_alpha_undefined() -> None:
    found = by_key(comparisons(HOSTILE["all ties"], who=("human",), seed=1))
    alpha = found["overall", "human", "alpha_nominal"]
    assert (alpha.value, alpha.undefined_reason) == (None, NO_VARIATION)
    assert found["overall", "human", "percent_pooled"].value == 1.0


def test_ten_thousand_systems_are_no_obstacle() -> None:
    n = 10_000
    frame = pd.DataFrame(
        {
            "item": [f"{number // 2}" for number in range(2 * n)],
            "annotator": [f"{number % 2}" for number in range(2 * n)],
            "system_a": [f"s{number // 2}" for number in range(2 * n)],
            "system_b": [f"s{(number // 2 + 1) % n}" for number in range(2 * n)],
            "outcome": ["a", "b"] * n,
        }
    )
    (record,) = comparisons(frame, who=("human",), metrics=("alpha_nominal",), seed=1, n_boot=10)
    assert (record.value, record.n_units) == (pytest.approx(-1.0, abs=1e-3), n)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"who": ("people",)}, UnknownChoice),
        ({"metrics": ("kappa",)}, UnknownMetric),
        ({"metrics": (RATIO,)}, UnknownChoice),
        ({"orientation": "none"}, UnknownChoice),
        ({"level": 0}, InvalidSetting),
        ({"n_boot": -5}, InvalidSetting),
    ],
)
def test_choices_that_do_not_exist_are_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        comparisons(HOSTILE["one pair"], **({"seed": 1} | change))
