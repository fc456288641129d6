from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from calibration.agreement.kappa import InvalidTable, cohen, scott
from calibration.agreement.metrics import NO_PAIRS, NO_VARIATION

# Gwet 2014: two abstractors, one hundred pregnancies.
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
# The other implementation divides by zero in empty tables.
FULL = st.lists(st.lists(st.integers(1, 30), min_size=3, max_size=3), min_size=3, max_size=3)
TABLES = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3)


def test_the_abstractors_table() -> None:
    found = cohen(ABSTRACTORS, level=0.95)
    assert found.value == pytest.approx(0.7964094, abs=1e-7)
    assert found.se == pytest.approx(0.0589, abs=5e-5)
    assert scott(ABSTRACTORS).value == pytest.approx(0.7962397, abs=1e-7)
    assert found.n == 100


@given(table=FULL)
@settings(deadline=None)
def test_cohen_equals_statsmodels(table: list[list[int]]) -> None:
    found, other = cohen(table), cohens_kappa(np.array(table, float))
    assert found.value == pytest.approx(other.kappa, abs=1e-9)
    assert found.se == pytest.approx(other.std_kappa, abs=1e-9)


@given(table=FULL)
@settings(deadline=None)
def test_weighted_cohen_equals_statsmodels(table: list[list[int]]) -> None:
    weights = 1 - np.abs(np.subtract.outer(np.arange(3), np.arange(3))) / 2
    found, other = cohen(table, weights=weights), cohens_kappa(np.array(table, float), wt="linear")
    assert found.value == pytest.approx(other.kappa, abs=1e-9)


@given(table=TABLES)
@settings(deadline=None)
def test_scott_equals_its_definition(table: list[list[int]]) -> None:
    share = np.array(table, float)
    if not share.sum() or scott(table).value is None:
        return
    share /= share.sum()
    both = (share.sum(axis=0) + share.sum(axis=1)) / 2
    expected = (np.trace(share) - (both**2).sum()) / (1 - (both**2).sum())
    assert scott(table).value == pytest.approx(expected, abs=1e-9)


@given(table=TABLES)
@settings(deadline=None)
def test_the_symmetric_orientation_does_not_know_which_side_is_which(table: list[list[int]]) -> None:
    turned = np.array(table)[::-1, ::-1]
    for statistic in (cohen, scott):
        one, other = statistic(table, symmetric=True), statistic(turned, symmetric=True)
        assert (one.value is None) == (other.value is None)
        if one.value is not None:
            assert one.value == pytest.approx(other.value, abs=1e-12)


def test_one_system_that_always_wins_is_perfect_agreement_in_the_symmetric_orientation() -> None:
    table = [[0, 0, 0], [0, 0, 0], [0, 0, 25]]
    assert cohen(table, symmetric=True).value == pytest.approx(1.0)
    assert (cohen(table).value, cohen(table).undefined_reason) == (None, NO_VARIATION)


def test_an_empty_table_is_undefined() -> None:
    assert (scott(np.zeros((3, 3))).value, scott(np.zeros((3, 3))).undefined_reason) == (None, NO_PAIRS)


@pytest.mark.parametrize("table", [[], [1, 2], [[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 2]], [[1, np.nan], [0, 2]]])
def test_what_is_not_a_table_of_counts_is_refused(table: Any) -> None:
    with pytest.raises(InvalidTable):
        cohen(table)


def test_weights_of_another_size_are_refused() -> None:
    with pytest.raises(InvalidTable, match="weights"):
        cohen([[1, 2], [3, 4]], weights=np.eye(3))


def test_the_interval_covers_as_often_as_it_says() -> None:
    dice = np.random.default_rng(6)
    truth = np.array([[0.35, 0.05, 0.05], [0.04, 0.2, 0.04], [0.03, 0.04, 0.2]])
    expected = float(cohen(truth * 1e9).value or 0)
    found = [cohen(dice.multinomial(300, truth.ravel()).reshape(3, 3)) for _ in range(500)]
    ends = np.array([(one.ci_low, one.ci_high) for one in found], float)
    covered = np.mean((ends[:, 0] <= expected) & (expected <= ends[:, 1]))
    assert 0.87 < covered < 0.93
