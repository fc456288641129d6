from typing import Any

import numpy as np
import pandas as pd
import pytest

from calibration.agreement import bootstrap
from calibration.agreement.bootstrap import Interval, intervals, tallies
from calibration.agreement.comparisons import comparisons
from calibration.agreement.labels import labels
from calibration.agreement.metrics import METRICS, named
from calibration.agreement.results import Agreement
from tests.calibration.agreement.definitions import Judgment
from tests.calibration.agreement.strategies import coded

LEVEL: dict[str, Any] = {"seed": 1, "level": 0.95, "n_boot": 1_000}


def of_people(frame: pd.DataFrame) -> Agreement:
    (record,) = comparisons(frame, who=("human",), metrics=("alpha_nominal",), **LEVEL)
    return record


def of_labels(frame: pd.DataFrame) -> Agreement:
    (record,) = labels(frame, metrics=("alpha_nominal",), **LEVEL)
    return record


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("bluebirds", 0.052, 0.194), ("cf_amt", 0.445, 0.587), ("anaesthetists", 0.401, 0.748)],
)
def test_intervals_of_public_labels(request: pytest.FixtureRequest, name: str, low: float, high: float) -> None:
    record = of_labels(request.getfixturevalue(name))
    assert (record.ci_low, record.ci_high) == pytest.approx((low, high), abs=0.02)


def test_intervals_of_mt_bench_people(mt_bench: pd.DataFrame) -> None:
    everyone, experts = of_people(mt_bench), of_people(mt_bench[mt_bench["annotator_group"] != "author"])
    assert (everyone.ci_low, everyone.ci_high) == pytest.approx((0.405, 0.550), abs=0.02)
    assert (experts.ci_low, experts.ci_high) == pytest.approx((0.366, 0.558), abs=0.02)


def test_the_interval_of_the_llmfao_crowd(llmfao: pd.DataFrame) -> None:
    record = of_people(llmfao)
    assert (record.ci_low, record.ci_high) == pytest.approx((0.214, 0.380), abs=0.02)


def test_annotators_and_items_together_are_wider_than_items_alone(cf_amt: pd.DataFrame) -> None:
    record = of_labels(cf_amt)
    assert record.ci_low is not None
    assert record.ci_high is not None
    assert record.ci_high - record.ci_low > 1.5 * (0.556 - 0.487)


def crossed(n_units: int, n_annotators: int, seed: int = 0) -> list[Judgment]:
    dice = np.random.default_rng(seed)
    truth = dice.integers(0, 3, n_units)
    rows = []
    for unit in range(n_units):
        for who in range(n_annotators):
            code = truth[unit] if dice.random() < 0.6 else dice.integers(0, 3)
            rows.append(Judgment(unit, who, int(code), who % 2))
    return rows


def interval_of(rows: list[Judgment], name: str = "alpha_nominal", *, cross: bool = False, **settings: Any) -> Interval:
    settings = {"seed": 1, "n_boot": 200, "level": 0.9} | settings
    return intervals(coded(rows, 3, cross=cross), named([name]), **settings)[name]


def test_a_seed_reproduces_the_interval_and_another_does_not() -> None:
    rows = crossed(40, 12)
    assert interval_of(rows) == interval_of(rows)
    assert interval_of(rows) != interval_of(rows, seed=2)


def test_the_size_of_a_chunk_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = crossed(40, 12)
    whole = interval_of(rows)
    monkeypatch.setattr(bootstrap, "CHUNK", 40 * 7)
    assert interval_of(rows) == whole


def test_a_statistic_has_the_same_interval_whatever_else_is_asked() -> None:
    data = coded(crossed(40, 12), 3)
    settings: dict[str, Any] = {"seed": 1, "n_boot": 100, "level": 0.9}
    every = intervals(data, list(METRICS.values()), **settings)
    for name in METRICS:
        assert intervals(data, named([name]), **settings)[name] == every[name]


def test_a_higher_level_is_a_wider_interval() -> None:
    rows = crossed(40, 12)
    narrow, wide = interval_of(rows, level=0.5), interval_of(rows, level=0.95)
    ends = np.array([wide.low, narrow.low, narrow.high, wide.high], float)
    assert (np.diff(ends) > 0).all()


def test_degenerate_draws_are_dropped_and_counted() -> None:
    found = interval_of(crossed(40, 3), n_boot=1_000)
    dropped = 1_000 - found.n_boot
    assert dropped == pytest.approx(1_000 / 9, abs=30)
    assert found.method == f"pigeonhole percentile, {dropped} draws dropped, indicative"


@pytest.mark.parametrize(("n_annotators", "indicative"), [(7, True), (8, False)])
def test_below_eight_annotators_an_interval_is_indicative(n_annotators: int, *, indicative: bool) -> None:
    assert interval_of(crossed(20, n_annotators)).method.endswith("indicative") is indicative


def test_too_few_usable_draws_give_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "LEAST_KEPT", 0.99)
    found = interval_of(crossed(40, 3))
    assert (found.low, found.high) == (None, None)
    assert found.method == f"none, {200 - found.n_boot} draws dropped"


def test_a_judge_alone_is_held_fixed_so_that_no_draw_is_lost() -> None:
    frame = pd.DataFrame(
        [(f"{row.unit}", f"{row.annotator}", "ab"[row.code % 2]) for row in crossed(40, 12)],
        columns=["item", "annotator", "outcome"],
    )
    frame["annotator_kind"] = np.where(frame["annotator"] == "0", "judge", "human")
    (record,) = comparisons(frame, who=("human-judge",), metrics=("alpha_nominal",), seed=1, n_boot=300)
    assert (record.n_boot, record.ci_method, record.is_indicative) == (300, "pigeonhole percentile", False)


def test_copies_of_an_annotator_are_never_compared_with_each_other() -> None:
    """With two annotators a draw keeps both once or is degenerate: no draw agrees more than the truth allows."""
    rows = [Judgment(unit, who, who) for unit in range(30) for who in range(2)]
    found = interval_of(rows, "percent_pooled")
    assert (found.low, found.high) == (0.0, 0.0)


def test_tallies_count_each_index_of_a_row() -> None:
    drawn = np.array([[0, 2, 2], [1, 1, 1]])
    np.testing.assert_array_equal(tallies(drawn), [[1, 0, 2], [0, 3, 0]])


def simulated(dice: np.random.Generator, n_units: int, n_annotators: int) -> pd.DataFrame:
    """Annotators of differing skill on items of differing difficulty, every annotator on every item."""
    truth = dice.integers(0, 3, n_units)
    ease, skill = dice.normal(0, 0.8, n_units), dice.normal(0.4, 0.6, n_annotators)
    chance = 1 / (1 + np.exp(-(ease[:, None] + skill[None, :])))
    guesses = dice.integers(0, 3, (n_units, n_annotators))
    given = np.where(dice.random((n_units, n_annotators)) < chance, truth[:, None], guesses)
    unit, annotator = np.indices(given.shape)
    return pd.DataFrame({"item": unit.ravel(), "annotator": annotator.ravel(), "label": given.ravel()})


@pytest.mark.slow
def test_intervals_cover_the_population_value_on_crossed_sets() -> None:
    settings: dict[str, Any] = {"metrics": ("alpha_nominal",), "level": 0.95}
    (population,) = labels(simulated(np.random.default_rng(0), 2_000, 1_000), seed=1, n_boot=0, **settings)
    found = [
        labels(simulated(np.random.default_rng(1_000 + number), 60, 20), seed=number, n_boot=1_000, **settings)[0]
        for number in range(200)
    ]
    ends = np.array([(record.ci_low, record.ci_high) for record in found], float)
    covered = np.mean((ends[:, 0] <= population.value) & (population.value <= ends[:, 1]))
    assert 0.90 <= covered <= 0.98
