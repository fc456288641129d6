import krippendorff as package
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from calibration.agreement import krippendorff
from calibration.agreement.labels import labels
from calibration.agreement.metrics import METRICS
from calibration.agreement.sums import observe
from tests.calibration.agreement.definitions import Judgment
from tests.calibration.agreement.strategies import coded, judgments

ALPHAS = tuple(krippendorff.LEVELS)


def fast(name: str, rows: list[Judgment], n_codes: int) -> float:
    data = coded(rows, n_codes)
    distance = METRICS[name].prepare(data)
    return float(METRICS[name].of(data, observe(data, (distance,) if distance else ()), distance)[0])


@pytest.mark.parametrize("name", ALPHAS)
@given(rows=judgments())
@settings(deadline=None, max_examples=40)
def test_the_package_and_the_fast_formulas_agree(name: str, rows: list[Judgment]) -> None:
    value = fast(name, rows, 4)
    if np.isfinite(value):
        assert krippendorff.alpha(coded(rows, 4), krippendorff.LEVELS[name]) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("name", ALPHAS)
def test_the_package_and_the_fast_formulas_agree_on_many_values(name: str) -> None:
    dice = np.random.default_rng(5)
    rows = [Judgment(unit, who, int(dice.integers(0, 40) // (1 + unit % 3))) for unit in range(300) for who in range(6)]
    data = coded(rows, 40)
    assert krippendorff.alpha(data, krippendorff.LEVELS[name]) == pytest.approx(fast(name, rows, 40), abs=1e-9)


def test_labels_get_their_point_value_from_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"item": [1, 1, 2, 2], "annotator": ["x", "y"] * 2, "label": [0, 0, 0, 1]})
    monkeypatch.setattr(package, "alpha", lambda **_: 0.123)
    (record,) = labels(frame, metrics=("alpha_nominal",), seed=1, n_boot=0)
    assert record.value == 0.123


def test_the_package_is_not_called_where_its_table_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> float:
        raise AssertionError("the package would allocate its table")

    monkeypatch.setattr(package, "alpha", refuse)
    dice = np.random.default_rng(2)
    size = 40_000
    frame = pd.DataFrame(
        {
            "item": np.repeat(np.arange(size // 2), 2),
            "annotator": ["x", "y"] * (size // 2),
            "label": dice.integers(0, 50, size),
        }
    )
    (record,) = labels(frame, metrics=("alpha_nominal",), seed=1, n_boot=0)
    assert record.value == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    ("n_units", "n_codes", "fits"), [(33_554, 32, False), (32_768, 32, True), (1_000, 4_000, False)]
)
def test_the_guard_counts_eight_bytes_for_each_unit_and_two_values(n_units: int, n_codes: int, *, fits: bool) -> None:
    data = coded([Judgment(unit, 0, 0) for unit in range(n_units)], n_codes)
    assert krippendorff.fits(data) is fits
