from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.agreement.comparisons import DEFAULT, RATIO, UnknownChoice, comparisons, slices
from calibration.agreement.metrics import METRICS, NO_PAIRS, NO_VARIATION, UnknownMetric
from calibration.agreement.records import InvalidSetting
from calibration.agreement.results import Agreement
from tests.calibration.agreement.definitions import Judgment, statistic
from tests.calibration.agreement.strategies import SYSTEMS, frames, turned

ALL = tuple(name for name in METRICS if name != RATIO)
Key = tuple[str | None, str, str]


def by_key(records: list[Agreement]) -> dict[Key, Agreement]:
    return {(record.criterion, record.who, record.metric): record for record in records}


def values(frame: pd.DataFrame, **kwargs: Any) -> dict[Key, float | None]:
    settings: dict[str, Any] = {"seed": 1, "n_boot": 0, "metrics": ALL} | kwargs
    records = comparisons(frame, **settings)
    return {key: record.value for key, record in by_key(records).items()}


def close(one: dict[Key, float | None], other: dict[Key, float | None]) -> bool:
    return one.keys() == other.keys() and all(
        value == other[key] if value is None else other[key] == pytest.approx(value, abs=1e-12)
        for key, value in one.items()
    )


def frame_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["item", "annotator", "outcome"])
    return frame.assign(annotator_kind="human", criterion="overall", system_a="amber", system_b="birch")


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


@given(frame=frames(), flips=st.lists(st.booleans(), min_size=30, max_size=30), seed=st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_encoding_the_sides_otherwise_changes_no_value_and_no_interval(
    frame: pd.DataFrame, flips: list[bool], seed: int
) -> None:
    again = turned(frame, np.array(flips[: len(frame)]))
    for orientation in ("symmetric", "canonical"):
        settings: dict[str, Any] = {"seed": seed, "n_boot": 40, "orientation": orientation}
        assert comparisons(frame, **settings) == comparisons(again, **settings)


@given(frame=frames(), order=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_changes_nothing(frame: pd.DataFrame, order) -> None:
    rows = list(range(len(frame)))
    order.shuffle(rows)
    assert comparisons(frame, seed=1, n_boot=40) == comparisons(frame.iloc[rows], seed=1, n_boot=40)


@given(frame=frames(), names=st.permutations(["p", "q", "r", "s", "t"]))
@settings(deadline=None, max_examples=30)
def test_names_of_annotators_change_no_value(frame: pd.DataFrame, names: list[str]) -> None:
    renamed = {f"someone-{number}": name for number, name in enumerate(names)}
    assert close(values(frame), values(frame.assign(annotator=frame["annotator"].map(renamed))))


@given(frame=frames(), names=st.permutations(SYSTEMS))
@settings(deadline=None, max_examples=30)
def test_names_of_systems_change_no_value_and_no_interval(frame: pd.DataFrame, names: list[str]) -> None:
    renamed = dict(zip(SYSTEMS, names, strict=True))
    other = frame.assign(system_a=frame["system_a"].map(renamed), system_b=frame["system_b"].map(renamed))
    settings: dict[str, Any] = {"seed": 2, "n_boot": 40, "metrics": ALL}
    for one, two in zip(comparisons(frame, **settings), comparisons(other, **settings), strict=True):
        assert (one.value, one.ci_low, one.ci_high) == pytest.approx(
            (two.value, two.ci_low, two.ci_high), abs=1e-9, nan_ok=True
        )


@given(frame=frames())
@settings(deadline=None, max_examples=20)
def test_names_of_items_change_no_value(frame: pd.DataFrame) -> None:
    assert close(values(frame), values(frame.assign(item=frame["item"].str[::-1])))


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


def test_slices_measure_each_value_of_a_column_by_itself() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "y", "a"), ("2", "x", "a"), ("2", "y", "b"))
    frame["pool"] = ["code", "code", "chat", "chat"]
    found = slices(frame, by="pool", who=("human",), metrics=("percent_pooled",), seed=1, n_boot=0)
    assert [(record.slice, record.value, record.n_units) for record in found] == [
        ("pool=chat", 0.0, 1), ("pool=code", 1.0, 1),
    ]  # fmt: skip


def test_a_slice_keeps_the_outcomes_that_its_criterion_offers() -> None:
    frame = frame_of(("1", "x", "a"), ("1", "y", "b"), ("2", "x", "tie"), ("2", "y", "a"))
    frame["pool"] = ["code", "code", "chat", "chat"]
    found = slices(frame, by="pool", who=("human",), metrics=("brennan_prediger",), seed=1, n_boot=0)
    assert {record.slice: record.value for record in found}["pool=code"] == pytest.approx(-0.5)


@given(frame=frames())
@settings(deadline=None, max_examples=20)
def test_a_slice_of_everything_is_the_whole(frame: pd.DataFrame) -> None:
    whole = comparisons(frame, who=("all", "human"), seed=3, n_boot=30)
    sliced = slices(frame.assign(pool="only"), by="pool", seed=3, n_boot=30)
    assert [record.as_dict() | {"slice": "pool=only"} for record in whole] == [record.as_dict() for record in sliced]
