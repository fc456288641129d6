import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from calibration.agreement.comparisons import DEFAULT, comparisons
from calibration.agreement.metrics import NO_PAIRS
from tests.calibration.agreement.definitions import Judgment, statistic
from tests.calibration.agreement.measured import ALL, by_key, frame_of, values
from tests.calibration.agreement.strategies import frames


def literal(frame: pd.DataFrame, name: str, kinds: set[str], *, cross: bool) -> float | None:
    ties = frame["outcome"].isin(["tie", "both_bad"]).any()
    codes = {"b": 0, "tie": 1, "both_bad": 1, "a": 2} if ties else {"b": 0, "a": 1}
    rows = [
        Judgment(row.item, row.annotator, codes[row.outcome], int(row.annotator_kind == "judge"))
        for row in frame.itertuples()
        if row.annotator_kind in kinds
    ]
    return statistic(name, rows, 3 if ties else 2, symmetric=True, cross=cross)


@given(frame=frames())
@settings(deadline=None, max_examples=30)
def test_every_group_equals_the_definition_on_its_own_rows(frame: pd.DataFrame) -> None:
    found = values(frame)
    groups = {"all": {"human", "judge"}, "human": {"human"}, "judge": {"judge"}, "human-judge": {"human", "judge"}}
    for who, kinds in groups.items():
        for name in ALL:
            expected = literal(frame, name, kinds, cross=who == "human-judge")
            value = found["overall", who, name]
            assert (value is None) == (expected is None), (who, name)
            assert value is None or value == pytest.approx(expected, abs=1e-9), (who, name)


@pytest.mark.parametrize("seed", range(5))
def test_perfect_annotators_agree_perfectly_on_randomly_sided_pairs(seed: int) -> None:
    dice = np.random.default_rng(seed)
    better = dice.integers(0, 2, 60)
    pairs = [(f"s{number % 6}", f"t{number % 5}") for number in range(60)]
    rows = [
        (f"item-{item}", f"annotator-{who}", *(pair if not side else pair[::-1]), "ab"[better[item] ^ side])
        for item, pair in enumerate(pairs)
        for who, side in enumerate(dice.integers(0, 2, 3))
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "system_a", "system_b", "outcome"])
    found = values(frame, who=("human",))
    assert list(found.values()) == pytest.approx([1.0] * len(ALL), abs=1e-12)
    assert found[None, "human", "alpha_nominal"] == 1.0
    assert found[None, "human", "alpha_ordinal_krippendorff"] == 1.0


def test_one_system_that_always_wins_is_perfect_agreement() -> None:
    frame = frame_of(*((f"{item}", who, "a") for item in range(20) for who in ("x", "y", "z")))
    found = values(frame, who=("human",))
    assert found["overall", "human", "alpha_nominal"] == 1.0
    assert values(frame, who=("human",), orientation="canonical")["overall", "human", "alpha_nominal"] is None


def test_two_annotators_with_many_items_bring_alpha_close_to_scott() -> None:
    dice = np.random.default_rng(9)
    outcomes = dice.choice(["a", "b", "tie"], (20_000, 2))
    outcomes[:, 1] = np.where(dice.random(20_000) < 0.5, outcomes[:, 0], outcomes[:, 1])
    frame = frame_of(*((f"{item}", f"{who}", outcomes[item, who]) for item in range(20_000) for who in range(2)))
    alpha = values(frame, who=("human",))["overall", "human", "alpha_nominal"]
    share = pd.Series(outcomes.ravel()).value_counts(normalize=True)
    share[["a", "b"]] = share[["a", "b"]].mean()
    chance = (share**2).sum()
    assert alpha == pytest.approx(((outcomes[:, 0] == outcomes[:, 1]).mean() - chance) / (1 - chance), abs=1e-4)


def test_both_bad_counts_as_a_tie() -> None:
    rows = [("1", "x", "both_bad"), ("1", "y", "tie"), ("2", "x", "a"), ("2", "y", "a")]
    assert values(frame_of(*rows), who=("human",))["overall", "human", "percent_pooled"] == 1.0


def test_one_human_and_one_judge_give_krippendorffs_alpha() -> None:
    dice = np.random.default_rng(1)
    frame = frame_of(
        *((f"{item}", who, str(dice.choice(["a", "b", "tie"]))) for item in range(50) for who in ("x", "y"))
    )
    frame.loc[frame["annotator"] == "y", "annotator_kind"] = "judge"
    found = values(frame)
    for name in ALL:
        assert found["overall", "human-judge", name] == pytest.approx(found["overall", "all", name], abs=1e-12)


def test_only_rounds_of_the_first_answer_and_only_last_answers_count() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "x", "b"), ("1", "x", "tie"), ("1", "y", "b"), ("1", "y", "tie"))
    frame["round"] = [0, 0, 1, 0, 0]
    frame["submitted_at"] = pd.to_datetime(
        ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-05", "2026-01-04"], utc=True
    )
    (record,) = comparisons(frame, who=("human",), metrics=("percent_pooled",), seed=1)
    assert (record.value, record.n_judgments, record.n_excluded) == (1.0, 2, 3)


def test_without_times_the_last_row_counts_and_no_time_is_earlier_than_any() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "x", "b"), ("1", "y", "tie"), ("1", "y", "b"))
    (record,) = comparisons(frame, who=("human",), metrics=("percent_pooled",), seed=1)
    assert record.value == 1.0
    frame["submitted_at"] = pd.to_datetime([None, None, "2026-01-01", None], utc=True)
    (record,) = comparisons(frame, who=("human",), metrics=("percent_pooled",), seed=1)
    assert record.value == 0.0


def test_pairs_of_systems_within_one_prompt_are_units_of_their_own() -> None:
    frame = frame_of(("prompt", "x", "a"), ("prompt", "y", "b"))
    frame["system_b"] = ["birch", "cedar"]
    (record,) = comparisons(frame, who=("human",), metrics=("percent_pooled",), seed=1)
    assert (record.value, record.undefined_reason, record.n_units) == (None, NO_PAIRS, 2)


def test_criteria_are_measured_apart() -> None:
    one = frame_of(("1", "x", "a"), ("1", "y", "a"))
    two = frame_of(("1", "x", "a"), ("1", "y", "b")).assign(criterion="safety")
    found = values(pd.concat([two, one], ignore_index=True), who=("human",), metrics=("percent_pooled",))
    assert found == {("overall", "human", "percent_pooled"): 1.0, ("safety", "human", "percent_pooled"): 0.0}
    assert list(found) == sorted(found)


def test_the_record_says_where_its_figures_come_from() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "y", "a"), ("2", "x", "b"), ("2", "y", "a"))
    records = comparisons(frame, who=("human",), seed=7, n_boot=100, code_version="v1", data_sha256="ff")
    assert [record.metric for record in records] == list(DEFAULT)
    one = records[0].as_dict()
    assert (one["orientation"], one["level"], one["seed"], one["code_version"], one["data_sha256"]) == (
        "symmetric", "nominal", 7, "v1", "ff",
    )  # fmt: skip
    assert (one["n_units"], one["n_units_paired"], one["n_annotators"], one["n_judgments"], one["n_pairs"]) == (
        2, 2, 2, 4, 2,
    )  # fmt: skip
    assert (one["ci_level"], one["slice"], one["who"], one["criterion"]) == (0.9, "", "human", "overall")


def test_everyone_and_people_are_the_same_figures_where_there_is_no_judge() -> None:
    frame = frame_of(*((f"{item}", who, "ab"[item % 2]) for item in range(9) for who in "xyz"))
    found = by_key(comparisons(frame, seed=1, n_boot=20))
    for name in DEFAULT:
        everyone, people = found["overall", "all", name], found["overall", "human", name]
        assert (everyone.who, people.who) == ("all", "human")
        assert (everyone.value, everyone.ci_low, everyone.n_pairs) == (people.value, people.ci_low, people.n_pairs)
