import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from calibration.agreement import pairs
from calibration.agreement.comparisons import comparisons
from calibration.agreement.metrics import NO_VARIATION
from calibration.agreement.pairs import TooManyPairs, pair_matrix
from tests.calibration.agreement.strategies import frames


@given(frame=frames())
@settings(deadline=None, max_examples=40)
def test_a_pair_is_agreement_on_the_rows_of_these_two(frame: pd.DataFrame) -> None:
    ties = frame["outcome"].isin(["tie", "both_bad"]).any()
    for pair in pair_matrix(frame, minimum=1):
        theirs = frame[frame["annotator"].isin([pair.first, pair.second])]
        percent, alpha = comparisons(
            theirs, who=("all",), metrics=("percent_pooled", "alpha_nominal"), seed=1, n_boot=0
        )
        assert (pair.n_items, pair.percent) == (percent.n_pairs, pytest.approx(percent.value))
        assert (pair.alpha_nominal is None) == (alpha.value is None)
        assert pair.alpha_nominal is None or pair.alpha_nominal == pytest.approx(alpha.value, abs=1e-12)
        assert ties or pair.alpha_nominal is not None


@given(frame=frames())
@settings(deadline=None, max_examples=20)
def test_every_two_annotators_with_a_common_item_are_there_once(frame: pd.DataFrame) -> None:
    items = {who: set(part["item"]) for who, part in frame.groupby("annotator")}
    common = {(one, two): len(items[one] & items[two]) for one in items for two in items if one < two}
    found = {(pair.first, pair.second): pair.n_items for pair in pair_matrix(frame)}
    assert found == {pair: count for pair, count in common.items() if count}


def frame_of(outcomes: dict[str, list[str]]) -> pd.DataFrame:
    rows = [(f"{item}", who, outcome) for who, given in outcomes.items() for item, outcome in enumerate(given)]
    return pd.DataFrame(rows, columns=["item", "annotator", "outcome"])


def test_below_the_minimum_there_is_a_reason_and_no_figure() -> None:
    (pair,) = pair_matrix(frame_of({"x": ["a"] * 19, "y": ["a"] * 19}))
    assert (pair.n_items, pair.percent, pair.alpha_nominal) == (19, None, None)
    assert pair.undefined_reason == "19 common items, 20 needed"


def test_two_who_only_tie_agree_but_have_no_alpha() -> None:
    (pair,) = pair_matrix(frame_of({"x": ["tie"] * 20, "y": ["tie"] * 20}))
    assert (pair.percent, pair.alpha_nominal, pair.undefined_reason) == (1.0, None, NO_VARIATION)


def test_annotators_without_a_common_item_or_alone_make_no_pair() -> None:
    assert pair_matrix(frame_of({"x": ["a", "b"]})) == []
    assert pair_matrix(frame_of({})) == []


def test_repeats_do_not_enter_a_pair() -> None:
    frame = pd.concat([frame_of({"x": ["a"], "y": ["a"]}), frame_of({"x": ["b"]})], ignore_index=True)
    (pair,) = pair_matrix(frame, minimum=1)
    assert (pair.n_items, pair.percent) == (1, 0.0)


def test_llmfao_judges_as_a_pair(llmfao: pd.DataFrame) -> None:
    found = {(pair.first, pair.second): pair for pair in pair_matrix(llmfao)}
    judges = llmfao[llmfao["annotator_kind"] == "judge"].pivot(index="item", columns="annotator", values="outcome")
    pair = found["gpt3", "gpt4"]
    assert (pair.n_items, pair.percent) == (2139, pytest.approx((judges["gpt3"] == judges["gpt4"]).mean()))


def test_a_table_of_too_many_pairs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MOST_PAIRS", 100)
    frame = frame_of({f"{who:03}": ["a"] for who in range(30)})
    with pytest.raises(TooManyPairs, match="435"):
        pair_matrix(frame)


def test_many_annotators_without_much_overlap_are_fine() -> None:
    n = 8_000
    frame = pd.DataFrame({"item": np.arange(n) // 2, "annotator": np.arange(n), "outcome": "a"}).astype(str)
    assert len(pair_matrix(frame)) == n // 2


def test_the_intervals_hold_the_estimates_and_are_open_where_all_agree() -> None:
    frame = frame_of({"x": ["a", "b"] * 12, "y": ["a", "b"] * 12, "z": ["a", "b", "b"] * 8})
    found = {(pair.first, pair.second): pair for pair in pair_matrix(frame)}
    assert all(pair.percent_low < pair.percent <= pair.percent_high for pair in found.values())
    assert all(pair.alpha_low < pair.alpha_nominal <= pair.alpha_high for pair in found.values())
    alike = found["x", "y"]
    assert (alike.percent, alike.alpha_nominal) == (1.0, 1.0)
    assert alike.alpha_low < 0.9


@pytest.mark.parametrize("accuracy", [0.6, 0.75, 0.9])
def test_the_interval_of_alpha_covers_the_alpha_of_many_items_and_is_at_most_a_little_wide(accuracy: float) -> None:
    dice = np.random.default_rng(5)

    def pair(n: int, number: int) -> pd.DataFrame:
        truth = dice.choice(["a", "b"], n)
        answers = [np.where(dice.random(n) < accuracy, truth, dice.choice(["a", "b", "tie"], n)) for _ in "xy"]
        rows = [
            {"item": f"{number:03d}-{k}", "annotator": f"{who}{number:03d}", "outcome": answers[side][k]}
            for side, who in enumerate("xy")
            for k in range(n)
        ]
        return pd.DataFrame(rows)

    (true,) = pair_matrix(pair(40_000, 0))
    found = pair_matrix(pd.concat([pair(60, number) for number in range(200)], ignore_index=True))
    covered = np.mean([one.alpha_low <= true.alpha_nominal <= one.alpha_high for one in found])
    assert len(found) == 200
    assert 0.85 <= covered <= 0.98
