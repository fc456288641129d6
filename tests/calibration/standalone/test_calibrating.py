"""From a table to tables: what comes out, in which order, and that it does not depend on how rows were recorded."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import calibration
from calibration.bayes.data import comparison_data
from calibration.standalone import calibrate
from calibration.standalone.problems import BadInput

FLIP = {"a": "b", "b": "a", "tie": "tie", "both_bad": "both_bad"}
SWAPPED = {"system_a": "system_b", "system_b": "system_a", "length_a": "length_b", "length_b": "length_a"}


def flipped(frame, chosen):
    other = frame.rename(columns=SWAPPED)[frame.columns]
    other = other.assign(shown_order=frame["shown_order"].map({"ab": "ba", "ba": "ab"}))
    if "outcome" in frame:
        other = other.assign(outcome=frame["outcome"].map(FLIP))
    return other.where(pd.Series(chosen, index=frame.index), frame)


@pytest.fixture
def found(frame, unsampled):
    return calibrate(frame, kind="comparison", seed=3, draws=100)


def test_the_notebook_has_the_function():
    assert calibration.calibrate is calibrate
    assert calibration.BadInput is BadInput
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = calibration.nothing


def test_importing_the_function_brings_no_sampler():
    code = "import calibration, sys; calibration.calibrate; print({'pymc', 'nutpie', 'django'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_each_item_and_pair_has_one_row_in_canonical_order(found, frame):
    items = found.items
    assert list(items)[:7] == ["item", "criterion", "system_a", "system_b", "p_a", "p_tie", "p_b"]
    assert len(items) == len(frame.drop_duplicates(["item", "system_a", "system_b"]))
    assert (items["system_a"] < items["system_b"]).all()
    np.testing.assert_allclose(items[["p_a", "p_tie", "p_b"]].sum(axis=1), 1.0)


def test_tables_name_everybody_and_everything_as_the_input_does(found, frame):
    assert set(found.annotators["annotator"]) == {"007", "1e5", "alice", "judge"}
    assert set(found.systems["system"]) == set(frame["system_a"]) | set(frame["system_b"])
    assert found.annotators["n"].sum() == len(frame)
    assert found.annotators.set_index("annotator").loc["judge", "group"] == "judge"


def test_the_run_counts_what_was_read(found, frame):
    counts = found.run["counts"][""]
    assert found.run["rows"] == found.run["rows_used"] == counts["rows"] == len(frame)
    assert (
        counts["outcomes"]
        == frame["outcome"].value_counts().reindex(["a", "b", "tie", "both_bad"], fill_value=0).to_dict()
    )
    assert counts["repeats"] == frame.duplicated(["item", "annotator"]).sum()
    assert found.run["settings"] == {"seed": 3, "chains": None, "draws": 100, "criterion": None}
    assert {"pymc", "nutpie", "numpy"} <= set(found.run["versions"])


def test_settings_reach_the_sampler(frame, unsampled):
    calibrate(frame, seed=9, chains=3, draws=200)
    assert unsampled == [{"seed": 9, "chains": 3, "draws": 200}]


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"chains": 1}, {"draws": 10}, {"kind": "ranking"}])
def test_settings_without_sense_are_refused(frame, wrong):
    with pytest.raises(BadInput):
        calibrate(frame, **wrong)


def test_the_kind_is_found_by_the_columns(frame, unsampled):
    assert calibrate(frame).kind == "comparison"
    with pytest.raises(BadInput, match=r"kind of the input is not clear.*outcome \(comparison\) or label \(labeling\)"):
        calibrate(frame.drop(columns="outcome"))


def test_recorded_sides_and_order_of_rows_change_nothing(frame, unsampled):
    frame = frame[~frame.duplicated(["item", "annotator"])]
    chosen = np.random.default_rng(1).random(len(frame)) < 0.5
    other = flipped(frame, chosen).sample(frac=1.0, random_state=2)
    first, second = (calibrate(one, seed=3) for one in (frame, other))
    assert first.tables.keys() == second.tables.keys()
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name], check_exact=True)
    figures = [[record | {"data_sha256": ""} for record in one.agreement[""]] for one in (first, second)]
    assert figures[0] == figures[1]


def test_other_names_of_annotators_and_items_are_only_other_names(found, frame):
    renamed = frame.assign(annotator="x" + frame["annotator"], item="y" + frame["item"])
    other = calibrate(renamed, seed=3, draws=100)
    for name, column, letter in (("annotators", "annotator", "x"), ("items", "item", "y")):
        table = found.tables[name].assign(**{column: letter + found.tables[name][column]})
        pd.testing.assert_frame_equal(table, other.tables[name], check_exact=True)


def test_each_criterion_is_fitted_by_itself(frame, unsampled):
    two = pd.concat([frame.assign(criterion="style"), frame.head(100).assign(criterion="facts")])
    found = calibrate(two)
    assert list(found.parts) == list(found.agreement) == list(found.diagnostics) == ["facts", "style"]
    alone = calibrate(frame)
    style = found.items[found.items["criterion"] == "style"].drop(columns="criterion").reset_index(drop=True)
    pd.testing.assert_frame_equal(style, alone.items.drop(columns="criterion"))
    one = calibrate(two, criterion="facts")
    assert set(one.items["criterion"]) == {"facts"}
    assert one.run["rows_used"] == 100
    assert f"{len(frame)} rows of other criteria were not used." in one.warnings
    with pytest.raises(BadInput, match=r"no criterion 'tone'; it has 'facts', 'style'"):
        calibrate(two, criterion="tone")
    with pytest.raises(BadInput, match="names no criterion"):
        calibrate(frame, criterion="tone")


def test_predictions_come_in_the_rows_order_and_orientation(found, frame):
    rows = frame.drop(columns="outcome").sample(frac=1.0, random_state=4).head(80)
    rows.loc[rows.index[:5], ["annotator", "annotator_kind"]] = ["unknown", "human"]
    rows.loc[rows.index[5:10], "item"] = "unknown"
    answers = found.predict(rows)
    named = ["item", "annotator", "system_a", "system_b"]
    pd.testing.assert_frame_equal(answers[named], rows[named].reset_index(drop=True), check_dtype=False)
    np.testing.assert_allclose(answers[["p_a", "p_tie", "p_b"]].sum(axis=1), 1.0)
    turned = found.predict(flipped(rows, np.ones(len(rows), bool)))
    np.testing.assert_allclose(turned[["p_b", "p_tie", "p_a"]], answers[["p_a", "p_tie", "p_b"]], rtol=1e-9)


def test_rows_of_several_criteria_are_predicted_each_by_its_own_fit(frame, unsampled):
    two = pd.concat([frame.assign(criterion="style"), frame.head(100).assign(criterion="facts")])
    rows = two.drop(columns="outcome").sample(frac=1.0, random_state=4).head(50)
    found = calibrate(two, predict=rows)
    for name, part in found.predictions.groupby("criterion"):
        own = calibrate(two, criterion=name).predict(rows[rows["criterion"] == name])
        np.testing.assert_array_equal(part["p_a"], own["p_a"])
    with pytest.raises(
        BadInput, match=r"row 1, criterion: names no criterion that is fitted; use one of 'facts', 'style'"
    ):
        found.predict(rows.drop(columns="criterion"))


def test_rows_to_predict_are_checked_before_anything_is_fitted(frame, unsampled):
    rows = frame.drop(columns="outcome").assign(shown_order="left")
    with pytest.raises(BadInput, match="row 1, shown_order: must be one of ab, ba"):
        calibrate(frame, predict=rows)
    assert unsampled == []


def test_what_is_left_out_is_told(frame, unsampled):
    apart = frame.replace({f"system-0{k}": f"other-{k}" for k in range(4)})
    found = calibrate(pd.concat([frame, apart]).assign(mood="good"))
    assert any("2 parts that were never compared" in text for text in found.warnings)
    assert any("no use for a column 'mood'" in text for text in found.warnings)
    blank = calibrate(frame.assign(annotator_kind=None))
    assert f"annotator_kind is empty in {len(frame):,} rows; they count as human." in blank.warnings


def test_every_annotator_row_of_the_frame_reaches_the_model(frame, unsampled):
    found = calibrate(frame)
    assert found.run["counts"][""]["model_data_sha256"] == comparison_data(frame).sha256()
