import numpy as np
import pandas as pd
import pytest

from calibration.agreement.comparisons import comparisons
from tests.calibration.agreement.measured import close, values
from tests.calibration.agreement.strategies import turned


@pytest.mark.parametrize(
    ("people", "orientation", "expected"),
    [
        ("all", "canonical", (0.6713, 0.6553, 0.4957, 0.5125, 0.4849, 0.5759)),
        ("all", "symmetric", (0.6713, 0.6553, 0.4960, 0.5123, 0.4854, 0.5763)),
        ("expert", "canonical", (0.6625, 0.6478, 0.4773, 0.5016, 0.4671, 0.5564)),
        ("expert", "symmetric", (0.6625, 0.6478, 0.4779, 0.5013, 0.4673, 0.5564)),
    ],
)
def test_mt_bench_people(mt_bench: pd.DataFrame, people: str, orientation: str, expected: tuple[float, ...]) -> None:
    frame = mt_bench if people == "all" else mt_bench[mt_bench["annotator_group"] != "author"]
    found = values(frame, who=("human",), orientation=orientation)
    metrics = ("percent_unit_mean", "percent_pooled", "fleiss", "ac1", "alpha_nominal", "alpha_ordinal_krippendorff")
    assert [found[None, "human", name] for name in metrics] == pytest.approx(expected, abs=1e-4)


def test_mt_bench_people_and_judge_in_canonical_order(mt_bench: pd.DataFrame) -> None:
    found = values(mt_bench, who=("all",), orientation="canonical")
    assert found[None, "all", "alpha_nominal"] == pytest.approx(0.4886, abs=1e-4)


def test_mt_bench_counts_the_only_repeat_although_its_sides_are_exchanged(mt_bench: pd.DataFrame) -> None:
    (record,) = comparisons(mt_bench, who=("human",), metrics=("alpha_nominal",), seed=1, n_boot=0)
    assert (record.n_judgments, record.n_excluded, record.n_annotators) == (3354, 1, 65)
    assert (record.n_units, record.n_units_paired) == (1814, 960)


def test_the_sides_shown_are_never_what_is_compared(mt_bench: pd.DataFrame) -> None:
    people = mt_bench[mt_bench["annotator_kind"] == "human"]
    found = values(people, who=("human",))
    assert found[None, "human", "alpha_nominal"] == pytest.approx(0.4854, abs=1e-4)
    dice = np.random.default_rng(3)
    again = turned(people.assign(shown_order="ab"), dice.random(len(people)) < 0.5)
    assert close(found, values(again, who=("human",)))


def test_llmfao_crowd(llmfao: pd.DataFrame) -> None:
    found = values(llmfao, who=("human",))
    metrics = ("percent_unit_mean", "percent_pooled", "fleiss", "ac1", "alpha_nominal", "alpha_ordinal_krippendorff")
    expected = (0.5286, 0.5322, 0.2877, 0.2954, 0.2915, 0.2897)
    assert [found[None, "human", name] for name in metrics] == pytest.approx(expected, abs=1e-4)


def test_llmfao_crowd_by_the_alphabet(llmfao: pd.DataFrame) -> None:
    found = values(llmfao, who=("human",), orientation="canonical")
    assert found[None, "human", "alpha_nominal"] == pytest.approx(0.2903, abs=1e-4)


def test_llmfao_crowd_as_stored(llmfao: pd.DataFrame) -> None:
    stored = llmfao.drop(columns=["system_a", "system_b"])
    found = values(stored, who=("human",), orientation="canonical")
    metrics = ("fleiss", "ac1", "alpha_nominal", "alpha_ordinal_krippendorff")
    assert [found[None, "human", name] for name in metrics] == pytest.approx((0.2869, 0.2958, 0.2906, 0.2876), abs=1e-4)


@pytest.mark.parametrize(
    ("judge", "agree", "without_ties"), [("gpt4", (3705, 8931), (3545, 5358)), ("gpt3", (3355, 8931), (3017, 5019))]
)
def test_llmfao_judges_against_single_people(
    llmfao: pd.DataFrame, judge: str, agree: tuple[int, int], without_ties: tuple[int, int]
) -> None:
    both = llmfao[(llmfao["annotator_kind"] == "human") | (llmfao["annotator"] == judge)]
    for frame, (same, total) in ((both, agree), (both[both["outcome"] != "tie"], without_ties)):
        (record,) = comparisons(frame, who=("human-judge",), metrics=("percent_pooled",), seed=1, n_boot=0)
        assert (record.n_pairs, record.value) == (total, pytest.approx(same / total, abs=1e-12))


def test_llmfao_people_against_people(llmfao: pd.DataFrame) -> None:
    for frame, (same, total) in ((llmfao, (8043, 15112)), (llmfao[llmfao["outcome"] != "tie"], (4737, 6755))):
        (record,) = comparisons(frame, who=("human",), metrics=("percent_pooled",), seed=1, n_boot=0)
        assert (record.n_pairs, record.value) == (total, pytest.approx(same / total, abs=1e-12))
