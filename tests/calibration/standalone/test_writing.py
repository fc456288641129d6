"""All files or none, the same bytes for the same calibration, nothing from outside on the page."""

import csv
import json
import re

import pandas as pd
import pytest

from calibration.standalone import calibrate, plots, writing
from calibration.standalone.problems import BadInput

REQUIRED = {
    "annotators.csv",
    "systems.csv",
    "items.csv",
    "agreement.json",
    "diagnostics.json",
    "run.json",
    "plots.html",
}


@pytest.fixture
def found(frame, unsampled):
    return calibrate(frame, draws=100)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_the_files_are_written_and_read_back(found, frame, tmp_path):
    out = found.write(tmp_path / "new" / "out")
    assert names(out) >= REQUIRED
    assert "predictions.csv" not in names(out)
    read = pd.read_csv(out / "annotators.csv", dtype={"annotator": str})
    pd.testing.assert_frame_equal(
        read.drop(columns="criterion"), found.annotators.drop(columns="criterion"), check_dtype=False
    )
    assert json.loads((out / "agreement.json").read_text())[""][0]["n_judgments"] > 0
    assert json.loads((out / "diagnostics.json").read_text())[""]["passed"] is True
    assert json.loads((out / "run.json").read_text())["passed"] is True


def test_ids_keep_their_form_in_the_files(found, tmp_path):
    with (found.write(tmp_path / "out") / "annotators.csv").open(newline="") as stream:
        assert [row["annotator"] for row in csv.DictReader(stream)] == ["007", "1e5", "alice", "judge"]


def test_equal_calibrations_give_equal_bytes(frame, unsampled, tmp_path):
    rows = frame.drop(columns="outcome").head(10)
    for name in ("one", "two"):
        calibrate(frame, seed=4, predict=rows).write(tmp_path / name)
    assert names(tmp_path / "one") == names(tmp_path / "two") >= REQUIRED | {"predictions.csv"}
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_no_file_is_written_when_one_cannot_be(found, tmp_path, monkeypatch):
    def broken(_):
        raise RuntimeError("no plot")

    monkeypatch.setattr(plots, "page", broken)
    with pytest.raises(RuntimeError, match="no plot"):
        found.write(tmp_path / "out")
    assert names(tmp_path) == set()


def test_files_of_an_earlier_calibration_are_replaced_and_others_stay(found, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("predictions.csv", "items.csv", "notes.txt"):
        (out / name).write_text("old")
    found.write(out)
    assert (out / "notes.txt").read_text() == "old"
    assert "predictions.csv" not in names(out)
    assert (out / "items.csv").read_text() != "old"
    assert names(tmp_path) == {"out"}


def test_a_place_that_is_no_folder_is_refused(found, tmp_path):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(BadInput, match="is a file"):
            writing.check_folder(out)


def test_json_holds_null_where_a_number_is_undefined(frame, unsampled, tmp_path):
    one = frame[frame["annotator"] == "alice"]
    out = calibrate(one).write(tmp_path / "out")
    records = json.loads((out / "agreement.json").read_text(), parse_constant=pytest.fail)[""]
    assert all(record["value"] is None and record["undefined_reason"] for record in records)


def test_a_number_that_is_none_becomes_null(found, tmp_path):
    found.parts[""].diagnostics["max_rhat"] = float("nan")
    text = (found.write(tmp_path / "out") / "diagnostics.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)[""]["max_rhat"] is None


def test_the_page_needs_nothing_from_outside_and_escapes_names(frame, unsampled):
    named = frame.replace({"system-00": "<script>alert(1)</script>"})
    page = plots.page(calibrate(named))
    own = page.split("</script>", 1)[0], page.split("</script>", 1)[1]
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", own[1])
    assert "&lt;script&gt;alert(1)" in own[1]
    assert "<script>alert" not in own[1]
    assert page.count('class="plotly-graph-div"') == 3


def test_a_fit_that_failed_its_checks_says_so_everywhere(frame, unconverged, tmp_path):
    found = calibrate(frame)
    out = found.write(tmp_path / "out")
    run = json.loads((out / "run.json").read_text())
    assert (found.passed, run["passed"]) == (False, False)
    assert "not released numbers" in run["note"]
    assert "not released numbers" in (out / "plots.html").read_text()
    assert json.loads((out / "diagnostics.json").read_text())[""]["reasons"]
