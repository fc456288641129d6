"""Labels through the same door: tables, gold, predictions, refusals."""

import json

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from calibration.bayes.labeling import fitting, folds, sampling
from calibration.bayes.labeling.sampling import Length
from calibration.standalone import calibrate
from calibration.standalone.problems import BadInput

LABELS = np.array(["007", "no", "p_1"])


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(fitting, "USUAL", Length(30, 10))
    monkeypatch.setattr(folds, "LENGTH", Length(20, 10))
    monkeypatch.setattr(sampling, "longer", lambda data: [Length(40, 10)])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return four annotators' labels of 60 items of two systems; each is right four times of five."""
    rng = np.random.default_rng(2)
    truth = rng.integers(3, size=60)
    rows = [(f"{i:03d}", f"a{j}", f"system-{i % 2}", k) for i, k in enumerate(truth) for j in range(4)]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "system", "truth"])
    wrong = rng.random(len(frame)) < 0.2
    said = np.where(wrong, (frame["truth"] + rng.integers(1, 3, len(frame))) % 3, frame["truth"])
    return frame.assign(truth=LABELS[frame["truth"]], label=LABELS[said])


def given(frame):
    return frame.drop(columns="truth")


def gold_of(frame, n):
    return frame.drop_duplicates("item").head(n)[["item", "truth"]].rename(columns={"truth": "label"})


def test_labels_give_a_consensus_and_everybody_s_accuracy(frame):
    found = calibrate(given(frame))
    assert found.kind == "labeling"
    assert list(found.items)[:5] == ["item", "criterion", "p_007", "p_no", "p_p_1"]
    np.testing.assert_allclose(found.items[["p_007", "p_no", "p_p_1"]].sum(axis=1), 1.0)
    truth = frame.drop_duplicates("item").set_index("item")["truth"]
    assert (found.items.set_index("item")["label"] == truth).mean() > 0.8
    assert set(found.annotators["annotator"]) == {"a0", "a1", "a2", "a3"}
    assert set(found.tables) == {"annotators", "confusion", "items", "prevalence", "differences"}
    assert "prevalence" not in calibrate(given(frame).drop(columns="system")).tables
    assert {record["metric"] for record in found.agreement[""]} >= {"alpha_nominal"}
    assert found.run["counts"][""]["labels_given"] == frame["label"].value_counts().to_dict()


def test_the_same_labels_and_seed_give_the_same_bytes(frame, tmp_path):
    for name in ("one", "two"):
        calibrate(given(frame), seed=3, predict=given(frame).drop(columns="label").head(9)).write(tmp_path / name)
    assert (tmp_path / "one" / "prevalence.csv").exists()
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_gold_is_used_and_named(frame):
    found = calibrate(given(frame), gold=gold_of(frame, 25))
    assert found.diagnostics[""]["floor"]["n_gold"] == 25
    assert found.run["gold_rows"] == 25
    with pytest.raises(BadInput, match="row 1, label: is missing"):
        calibrate(given(frame), gold=gold_of(frame, 25).assign(label=None))
    with pytest.raises(BadInput, match="several labels"):
        calibrate(given(frame), gold=pd.concat([gold_of(frame, 1), gold_of(frame, 1).assign(label="no")]))


def test_answers_of_known_and_unknown_annotators_are_predicted(frame):
    rows = given(frame).drop(columns="label").sample(20, random_state=1)
    rows.loc[rows.index[:5], "annotator"] = "unknown"
    rows.loc[rows.index[5:10], ["item", "system"]] = ["unknown", "system-0"]
    answers = calibrate(given(frame), predict=rows).predictions
    assert answers["item"].tolist() == rows["item"].tolist()
    np.testing.assert_allclose(answers[["p_007", "p_no", "p_p_1"]].sum(axis=1), 1.0)


def test_the_latest_of_several_answers_counts(frame):
    late = given(frame).assign(submitted_at="2026-01-02")
    early = late.assign(submitted_at="2026-01-01", label="no")
    found = calibrate(pd.concat([late, early]), seed=1)
    pd.testing.assert_frame_equal(found.items, calibrate(given(frame), seed=1).items)
    assert found.run["counts"][""]["repeats"] == len(frame)


def test_settings_and_columns_of_the_other_kind_are_refused(frame):
    with pytest.raises(BadInput, match="no number of draws"):
        calibrate(given(frame), draws=500)
    with pytest.raises(BadInput, match="lacks the column system_a"):
        calibrate(given(frame), kind="comparison")
    with pytest.raises(BadInput, match="differs for the same item"):
        calibrate(given(frame).assign(system=[f"s{k}" for k in range(len(frame))]))


def test_the_command_reads_labels_and_gold(frame, tmp_path):
    given(frame).to_csv(tmp_path / "labels.csv", index=False)
    gold_of(frame, 25).to_csv(tmp_path / "gold.csv", index=False)
    arguments = {"kind": "labeling", "gold": tmp_path / "gold.csv", "out": tmp_path / "out"}
    code = 0
    try:
        call_command("calibrate", tmp_path / "labels.csv", **arguments)
    except CommandError as error:
        code = error.returncode
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert code == (0 if run["passed"] else 1)
    assert run["gold"] == "gold.csv"
    assert pd.read_csv(tmp_path / "out" / "items.csv", dtype={"item": str, "label": str})["item"].iloc[7] == "007"
