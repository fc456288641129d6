from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.agreement.bootstrap import resampled
from calibration.agreement.distances import ordinal_krippendorff, ratio
from calibration.agreement.metrics import METRICS
from calibration.agreement.sums import observe, pair_table
from tests.calibration.agreement.definitions import Judgment, statistic
from tests.calibration.agreement.strategies import coded, judgments

SCORES = [0.0, 1.0, 2.5, 7.0]
# The distance of ratios changes when values are exchanged: it is not offered for comparisons.
SYMMETRIC = [name for name in METRICS if name != "alpha_ratio"]


def value_of(name: str, rows: list[Judgment], **kwargs: Any) -> float:
    data = coded(rows, 4, **kwargs)
    distance = METRICS[name].prepare(data)
    sums = observe(data, (distance,) if distance else ())
    return float(METRICS[name].of(data, sums, distance)[0])


def same(value: float, expected: float | None) -> bool:
    return np.isnan(value) if expected is None else value == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("name", METRICS)
@given(rows=judgments())
@settings(deadline=None, max_examples=30)
def test_every_statistic_equals_its_definition(name: str, cross: bool, rows: list[Judgment]) -> None:
    expected = statistic(name, rows, 4, scores=SCORES, cross=cross)
    assert same(value_of(name, rows, scores=SCORES, cross=cross), expected)


@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("name", SYMMETRIC)
@given(rows=judgments())
@settings(deadline=None, max_examples=30)
def test_the_symmetric_orientation_averages_the_coincidences_with_their_mirror(
    name: str, cross: bool, rows: list[Judgment]
) -> None:
    expected = statistic(name, rows, 4, symmetric=True, cross=cross)
    assert same(value_of(name, rows, symmetric=True, cross=cross), expected)


@pytest.mark.parametrize(("symmetric", "cross"), [(False, False), (True, False), (False, True), (True, True)])
@given(rows=judgments(), weights=st.lists(st.integers(0, 3), min_size=11, max_size=11))
@settings(deadline=None, max_examples=60)
def test_the_compiled_sums_equal_the_weighted_definition(
    symmetric: bool, cross: bool, rows: list[Judgment], weights: list[int]
) -> None:
    names = SYMMETRIC if symmetric else list(METRICS)
    data = coded(rows, 4, symmetric=symmetric, cross=cross)
    prepared = {name: METRICS[name].prepare(data) for name in names}
    units, annotators = (sorted({row[column] for row in rows}) for column in (0, 1))
    of_units, of_annotators = np.array([weights[:6]], float)[:, units], np.array([weights[6:]], float)[:, annotators]
    needed = tuple({distance.name: distance for distance in prepared.values() if distance}.values())
    sums = resampled(data, needed, of_units, of_annotators)
    for name in names:
        expected = statistic(
            name, rows, 4, symmetric=symmetric, cross=cross,
            unit_weights=dict(zip(units, of_units[0], strict=True)),
            annotator_weights=dict(zip(annotators, of_annotators[0], strict=True)),
        )  # fmt: skip
        value = float(METRICS[name].of(data, sums, prepared[name])[0])
        if expected is None or abs(expected) < 1e6:
            assert same(value, expected), name


@pytest.mark.parametrize("cross", [False, True])
@given(rows=judgments())
@settings(deadline=None, max_examples=30)
def test_weights_of_one_give_the_plain_sums(cross: bool, rows: list[Judgment]) -> None:
    data = coded(rows, 4, cross=cross)
    distances = (ordinal_krippendorff(data), ratio(data))
    plain = observe(data, distances)
    weighted = resampled(data, distances, np.ones((1, data.n_units)), np.ones((1, data.n_annotators)))
    for name in ("pairs", "agree", "unit_agree", "units_paired", "units", "margins", "prevalence", "apart"):
        assert getattr(weighted, name) == pytest.approx(getattr(plain, name), rel=1e-12, abs=1e-12)
    for distance in distances:
        assert weighted.spread[distance.name] == pytest.approx(plain.spread[distance.name], rel=1e-9, abs=1e-9)


def test_the_pair_table_counts_each_two_judgments_of_a_unit_in_both_orders() -> None:
    rows = [Judgment(0, 0, 0), Judgment(0, 1, 2), Judgment(0, 2, 2), Judgment(1, 0, 1)]
    table = pair_table(coded(rows, 3), np.ones(2))
    np.testing.assert_array_equal(table, [[0, 0, 2], [0, 0, 0], [2, 0, 2]])


def test_the_pair_table_across_kinds_has_the_first_kind_in_rows() -> None:
    rows = [Judgment(0, 0, 0, 0), Judgment(0, 1, 2, 1), Judgment(0, 2, 0, 0)]
    table = pair_table(coded(rows, 3, cross=True), np.ones(1))
    np.testing.assert_array_equal(table, [[0, 0, 2], [0, 0, 0], [0, 0, 0]])
