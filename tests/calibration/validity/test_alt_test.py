import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.validity import alt_test as module
from calibration.validity.alt_test import alt_test


@pytest.mark.parametrize(("judge", "won", "advantage"), [("gpt4", 3, 0.6948), ("gpt3", 1, 0.6546)])
def test_llmfao_as_the_authors_code_has_it(llmfao, judge, won, advantage):
    found = alt_test(llmfao, judge, epsilon=0.1)
    assert (found.people, found.won, found.state) == (49, won, "FAIL")
    assert found.winning_rate.value == pytest.approx(won / 49)
    assert found.advantage.value == pytest.approx(advantage, abs=5e-5)


@pytest.mark.parametrize(("only", "people", "won", "advantage"), [("", 49, 19, 0.8613), ("expert", 26, 9, 0.8513)])
def test_mt_bench_as_the_authors_code_has_it(mt_bench_keys, only, people, won, advantage):
    frame = mt_bench_keys
    if only:
        frame = frame[(frame["annotator_kind"] == "judge") | (frame["annotator_group"] == only)]
    found = alt_test(frame, "gpt4_pair" if "gpt4_pair" in set(frame["annotator"]) else _judge(frame), epsilon=0.2)
    assert (found.people, found.won, found.state) == (people, won, "FAIL")
    assert found.advantage.value == pytest.approx(advantage, abs=5e-5)


def _judge(frame):
    (name,) = frame.loc[frame["annotator_kind"] == "judge", "annotator"].unique()
    return name


def simulated(seed: int, *, judge_right: float, people: int = 6, items: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, items)
    rights = {f"p{number}": 0.75 for number in range(people)} | {"judge": judge_right}
    rows = [
        (str(item), who, "judge" if who == "judge" else "human", "ab"[truth[item] ^ (rng.random() > right)])
        for who, right in rights.items()
        for item in range(items)
    ]
    return pd.DataFrame(rows, columns=["item", "annotator", "annotator_kind", "outcome"])


def test_a_judge_better_than_people_passes_and_one_that_guesses_does_not():
    assert alt_test(simulated(1, judge_right=0.95), "judge", epsilon=0.1).state == "PASS"
    assert alt_test(simulated(1, judge_right=0.50), "judge", epsilon=0.1).state == "FAIL"


def test_too_few_people_or_items_are_not_checked():
    assert alt_test(simulated(1, judge_right=0.9, people=2), "judge").state == "NOT_CHECKED"
    few = alt_test(simulated(1, judge_right=0.9, items=29), "judge")
    assert (few.state, few.winning_rate.value, few.people) == ("NOT_CHECKED", None, 0)
    assert "30 items" in few.winning_rate.undefined_reason


def test_differences_without_variance_are_decided_by_their_mean():
    assert module._p_value(np.zeros(40), 0.1) == 0.0
    assert module._p_value(np.ones(40), 0.1) == 1.0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_and_the_names_of_sides_do_not_matter(seed):
    frame = simulated(seed, judge_right=0.8, items=40)
    other = frame.sample(frac=1, random_state=seed).assign(outcome=lambda f: f["outcome"].map({"a": "b", "b": "a"}))
    assert alt_test(other, "judge") == alt_test(frame, "judge")
