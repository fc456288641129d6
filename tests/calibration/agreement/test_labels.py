import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa

from calibration.agreement.distances import TooManyValues
from calibration.agreement.frames import MissingColumns, UnknownValues
from calibration.agreement.labels import NoOrder, NotNumeric, labels
from calibration.agreement.metrics import METRICS, NO_PAIRS, NO_VARIATION, UnknownMetric
from calibration.agreement.records import InvalidSetting

# Fleiss 1971: ten subjects, fourteen raters, five categories.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
ALL = tuple(METRICS)


def values(frame: pd.DataFrame, metrics: tuple[str, ...] = ALL) -> dict[str, float | None]:
    return {record.metric: record.value for record in labels(frame, metrics=metrics, seed=1, n_boot=0)}


def from_counts(table: list[list[int]]) -> pd.DataFrame:
    rows = [
        (item, annotator, label)
        for item, counts in enumerate(table)
        for annotator, label in enumerate(np.repeat(np.arange(len(counts)), counts))
    ]
    return pd.DataFrame(rows, columns=["item", "annotator", "label"])


def frame_of(*columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(("item", "annotator", "label"), columns, strict=True)))


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("alpha_nominal", 904 / 1216), ("alpha_ordinal_krippendorff", 0.815388), ("alpha_interval", 0.849107),
        ("alpha_ratio", 0.797403), ("fleiss", 0.76117), ("ac1", 0.77544), ("brennan_prediger", 0.77273),
        ("ac2_quadratic", 0.91400), ("fleiss_quadratic", 0.86494), ("ac2_linear", 0.85874), ("ac2_ordinal", 0.89894),
        ("alpha_ordinal_weights_gwet", 0.83364), ("percent_unit_mean", 0.818182), ("percent_pooled", 0.781818),
    ],
)  # fmt: skip
def test_krippendorffs_table_of_four_annotators_and_twelve_units(
    textbook: pd.DataFrame, metric: str, expected: float
) -> None:
    assert values(textbook)[metric] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("fleiss", 0.209931), ("alpha_nominal", 0.215574), ("ac1", 0.225614),
        ("alpha_ordinal_krippendorff", 0.540750), ("alpha_interval", 0.543740),
    ],
)  # fmt: skip
def test_fleiss_table_of_ten_subjects(metric: str, expected: float) -> None:
    assert values(from_counts(FLEISS))[metric] == pytest.approx(expected, abs=1e-6)


def test_fleiss_equals_statsmodels() -> None:
    dice = np.random.default_rng(4)
    table = dice.multinomial(7, [0.5, 0.3, 0.2], size=60)
    assert values(from_counts(table.tolist()))["fleiss"] == pytest.approx(fleiss_kappa(table), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bluebirds", {"percent_unit_mean": 0.5882, "fleiss": 0.1253, "ac1": 0.2218, "alpha_nominal": 0.1255}),
        (
            "cf_amt",
            {
                "percent_unit_mean": 0.6331, "percent_pooled": 0.6326, "fleiss": 0.5210, "ac1": 0.5462,
                "alpha_nominal": 0.5209,
            },
        ),
        (
            "anaesthetists",
            {
                "percent_unit_mean": 0.7244, "fleiss": 0.5824, "ac1": 0.6467, "alpha_nominal": 0.5843,
                "alpha_ordinal_krippendorff": 0.8119,
            },
        ),
        ("caries", {"percent_unit_mean": 0.7715, "fleiss": 0.2770, "ac1": 0.6659, "alpha_nominal": 0.2771}),
    ],
)  # fmt: skip
def test_public_label_sets(request: pytest.FixtureRequest, name: str, expected: dict[str, float]) -> None:
    found = values(request.getfixturevalue(name), tuple(expected))
    assert found == {metric: pytest.approx(value, abs=1e-4) for metric, value in expected.items()}


@pytest.mark.parametrize(
    ("name", "n"), [("bluebirds", 4212), ("cf_amt", 6025), ("anaesthetists", 225), ("caries", 19295)]
)
def test_public_label_sets_use_one_judgment_of_each_annotator(
    request: pytest.FixtureRequest, name: str, n: int
) -> None:
    frame = request.getfixturevalue(name)
    (record,) = labels(frame, metrics=("alpha_nominal",), seed=1, n_boot=0)
    assert (record.n_judgments, record.n_excluded) == (n, len(frame) - n)


def test_two_values_make_nominal_ordinal_and_interval_alpha_equal() -> None:
    dice = np.random.default_rng(8)
    frame = pd.DataFrame(
        {"item": np.repeat(np.arange(40), 5), "annotator": np.tile(np.arange(5), 40), "label": dice.integers(0, 2, 200)}
    )
    found = values(frame)
    assert found["alpha_ordinal_krippendorff"] == pytest.approx(found["alpha_nominal"], abs=1e-12)
    assert found["alpha_interval"] == pytest.approx(found["alpha_nominal"], abs=1e-12)


def test_constant_labels_are_undefined_and_not_agreement_of_one() -> None:
    found = labels(frame_of([1, 1, 2, 2], ["x", "y", "x", "y"], ["yes"] * 4), metrics=("alpha_nominal", "ac1"), seed=1)
    assert [(record.value, record.undefined_reason, record.ci_low) for record in found] == [
        (None, NO_VARIATION, None), (None, NO_VARIATION, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "frame",
    [
        frame_of([], [], []),
        frame_of([1], ["x"], [3]),
        frame_of([1, 2, 3], ["x", "x", "x"], [1, 2, 3]),
        frame_of([1, 2], ["x", "y"], [1, 2]),
        frame_of([1, 1], ["x", "y"], [None, 2.0]),
    ],
    ids=["empty", "one judgment", "one annotator", "no overlap", "missing label"],
)
def test_without_a_pair_every_statistic_is_undefined_with_a_reason(frame: pd.DataFrame) -> None:
    for record in labels(frame, seed=1):
        assert (record.value, record.undefined_reason, record.n_pairs) == (None, NO_PAIRS, 0)


def test_a_repeat_counts_once_and_is_reported() -> None:
    frame = frame_of([1, 1, 1, 2, 2], ["x", "x", "y", "x", "y"], ["no", "yes", "yes", "no", "no"])
    (record,) = labels(frame, metrics=("percent_pooled",), seed=1)
    assert (record.value, record.n_judgments, record.n_excluded) == (1.0, 4, 1)


def test_values_never_given_count_for_chance_where_they_could_be() -> None:
    frame = frame_of([1, 1, 2, 2], ["x", "y"] * 2, ["low", "low", "high", "low"])
    two, three = (
        labels(frame, metrics=("brennan_prediger",), values=order, seed=1, n_boot=0)[0].value
        for order in (("low", "high"), ("low", "middle", "high"))
    )
    assert (two, three) == (pytest.approx(0.0), pytest.approx(0.25))


def test_an_order_of_words_makes_ordinal_statistics_possible() -> None:
    frame = frame_of([1, 1, 2, 2, 3, 3], ["x", "y"] * 3, ["low", "middle", "high", "high", "low", "low"])
    numbers = frame.assign(label=frame["label"].map({"low": 0, "middle": 1, "high": 2}))
    metric = ("alpha_ordinal_krippendorff",)
    ordered = labels(frame, metrics=metric, values=("low", "middle", "high"), seed=1, n_boot=0)
    assert ordered[0].value == labels(numbers, metrics=metric, seed=1, n_boot=0)[0].value


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"metrics": ("alpha",)}, UnknownMetric),
        ({"metrics": ("alpha_interval",)}, NotNumeric),
        ({"metrics": ("alpha_ordinal_krippendorff",)}, NoOrder),
        ({"values": ("yes",)}, UnknownValues),
        ({"values": ("yes", "no", "no")}, UnknownValues),
        ({"level": 95}, InvalidSetting),
        ({"n_boot": -1}, InvalidSetting),
        ({"seed": -1}, InvalidSetting),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        labels(frame_of([1, 1], ["x", "y"], ["yes", "no"]), **({"seed": 1} | change))


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (pd.DataFrame({"item": [1], "label": [2]}), MissingColumns),
        (frame_of([None, 1], ["x", "y"], [1, 2]), UnknownValues),
        (frame_of([1, 1], ["x", None], [1, 2]), UnknownValues),
        (frame_of([1, 1], ["x", "y"], [["a"], ["b"]]), UnknownValues),
    ],
    ids=["no annotator column", "no item", "no annotator", "lists"],
)
def test_frames_that_cannot_be_read_are_refused(frame: pd.DataFrame, error: type[Exception]) -> None:
    with pytest.raises(error):
        labels(frame, seed=1)


def test_an_infinite_label_is_not_a_number_to_subtract() -> None:
    with pytest.raises(NotNumeric):
        labels(frame_of([1, 1], ["x", "y"], [1.0, np.inf]), metrics=("alpha_interval",), seed=1)


def test_words_and_numbers_may_be_mixed_as_names() -> None:
    frame = frame_of([1, 1, 2, 2], ["x", "y"] * 2, ["seven", "seven", 7, 7])
    assert values(frame, ("alpha_nominal",)) == {"alpha_nominal": pytest.approx(1.0)}


def free_text(n_units: int = 1_000, n_labels: int = 4_000) -> pd.DataFrame:
    dice = np.random.default_rng(3)
    label = np.concatenate([np.arange(n_labels), dice.integers(0, n_labels, 3 * n_units)])
    item, annotator = np.arange(label.size) % n_units, np.arange(label.size) // n_units
    return pd.DataFrame({"item": item, "annotator": annotator, "label": label}).astype({"label": str})


def test_thousands_of_free_text_labels_stay_within_memory() -> None:
    frame = free_text()
    labels(frame.head(2_000), seed=1, n_boot=1)
    tracemalloc.start()
    try:
        found = labels(frame, metrics=("percent_pooled", "alpha_nominal", "ac1", "fleiss"), seed=1, n_boot=1_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert all(record.value is not None and record.ci_low is not None for record in found)
    assert peak < 500e6


def test_a_table_of_thousands_of_values_is_refused_with_a_reason() -> None:
    frame = free_text().astype({"label": int})
    with pytest.raises(TooManyValues, match="1,000"):
        labels(frame, metrics=("alpha_ratio",), seed=1)
    assert values(frame, ("alpha_interval", "alpha_ordinal_krippendorff")).keys()
