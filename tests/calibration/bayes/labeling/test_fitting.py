"""The whole recipe on small worlds: its tables, its sentences, and frames that are no use."""

import json

import numpy as np
import pandas as pd
import pytest

from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling import fitting, folds, sampling
from calibration.bayes.labeling.fitting import fit_labels
from calibration.bayes.labeling.meter import Cancelled
from calibration.bayes.labeling.sampling import Length
from tests.calibration.bayes.labeling.worlds import world

DRAWN = world(
    np.random.default_rng(7),
    items=90,
    accuracy=(0.95, 0.85, 0.85, 0.75),
    spammers=1,
    systems=((0.7, 0.2, 0.1), (0.2, 0.4, 0.4)),
)


@pytest.fixture(scope="module")
def fit():
    return fit_labels(DRAWN.frame, labels=["c0", "c1", "c2", "c3"], seed=3)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(fitting, "USUAL", Length(30, 10))
    monkeypatch.setattr(folds, "LENGTH", Length(20, 10))
    monkeypatch.setattr(sampling, "longer", lambda data: [Length(40, 10)])


def test_items_have_probabilities_that_sum_to_one_and_the_most_probable_label(fit):
    probabilities = fit.items[["p_c0", "p_c1", "p_c2", "p_c3"]]
    assert np.allclose(probabilities.sum(axis=1), 1)
    named = probabilities.idxmax(axis=1).str.removeprefix("p_")
    given = fit.items["label"].notna()
    assert (fit.items["label"][given] == named[given]).all()
    assert (fit.items["label"] == fit.items["item"].map(DRAWN.truth)).mean() > 0.9
    assert (fit.items["n"] == 5).all()
    assert 0 < fit.items["contested"].sum() < 45


def test_annotators_are_known_for_what_they_do(fit):
    who = fit.annotators.set_index("annotator")
    assert who["accuracy"].idxmin() == "a04"
    assert who["spam"].tolist() == [False] * 4 + [True]
    assert (who["accuracy_low"] < who["accuracy"]).all()
    best = who.loc["a00"]
    assert best["accuracy_low"] < 0.95 < best["accuracy_high"]


def test_confusion_rows_sum_to_one_and_cover_the_truth(fit):
    rows = fit.confusion.groupby(["annotator", "truth"])["p"].sum()
    assert np.allclose(rows, 1)
    assert len(fit.confusion) == 5 * 4 * 4
    known = fit.confusion[(fit.confusion["truth"] != "c3") & (fit.confusion["label"] != "c3")]
    codes = [known[name].str[1:].astype(int) for name in ("annotator", "truth", "label")]
    true = DRAWN.confusion[tuple(codes)]
    assert ((known["p_low"] <= true) & (true <= known["p_high"])).mean() > 0.7


def test_prevalence_by_system_carries_uncertainty_and_bounds_what_nobody_saw(fit):
    shares = fit.prevalence.set_index(["system", "label"])
    assert shares.loc[("s0", "c0"), "share"] > shares.loc[("s1", "c0"), "share"] + 0.2
    assert (shares["share_low"] < shares["share"]).all()
    assert ((shares["share_high"] - shares["share_low"]) >= (shares["items_high"] - shares["items_low"]) - 0.02).all()
    unseen = shares["unseen_upper"].dropna()
    assert set(unseen.index.get_level_values("label")) == {"c3"}
    assert unseen.loc[("s0", "c3")] >= 1 - 0.05 ** (1 / 45)
    assert fit.prevalence["system"].isna().sum() == 4


def test_systems_differ_with_a_probability(fit):
    gap = fit.differences.set_index("label").loc["c0"]
    assert (gap["system_1"], gap["system_2"]) == ("s0", "s1")
    assert gap["difference_low"] < 0.5 < gap["difference_high"]
    assert gap["p_positive"] > 0.99


def test_predictions_know_annotators_items_and_their_groups(fit):
    rows = pd.DataFrame(
        {"item": ["i0000", "i0000", "new", "new"], "annotator": ["a00", "a04", "a00", "new"], "system": "s1"}
    )
    said = fit.predict(rows)
    assert np.allclose(said.filter(like="p_").sum(axis=1), 1)
    truth = f"p_{DRAWN.truth['i0000']}"
    assert said.loc[0, truth] > said.loc[1, truth]
    assert said["item_known"].tolist() == [True, True, False, False]
    assert said["annotator_known"].tolist() == [True, True, True, False]
    elsewhere = fit.predict(rows.assign(system="s0"))
    assert elsewhere.loc[2, "p_c0"] > said.loc[2, "p_c0"] + 0.1


def test_diagnostics_are_plain_and_say_what_the_probabilities_rest_on(fit):
    stored = json.loads(json.dumps(fit.diagnostics, allow_nan=False))
    assert stored["floor"]["kind"] == "floor is an assumption"
    assert set(stored["models"]) == {"C", "H", "SC", "SH"}
    assert sum(model["weight"] for model in stored["models"].values()) == pytest.approx(1)
    assert stored["state"] in {"converged", "not converged"}
    assert fit.converged == (stored["state"] == "converged")


@pytest.mark.usefixtures("quick")
def test_a_seed_fixes_the_result_in_any_row_order():
    first = fit_labels(DRAWN.frame, seed=1)
    second = fit_labels(DRAWN.frame.sample(frac=1, random_state=1), seed=1)
    assert first.items.equals(second.items)
    assert first.prevalence.equals(second.prevalence)
    assert not first.items.equals(fit_labels(DRAWN.frame, seed=2).items)


@pytest.mark.usefixtures("quick")
def test_gold_is_counted_and_calibrates():
    gold = pd.DataFrame({"item": [*DRAWN.truth.index[:30], "unjudged"], "label": [*DRAWN.truth[:30], "c0"]})
    floor = fit_labels(DRAWN.frame, gold=gold).diagnostics["floor"]
    assert (floor["kind"], floor["n_gold_unjudged"]) == ("calibrated on 30 gold items", 1)


@pytest.mark.usefixtures("quick")
def test_chains_apart_are_reported(monkeypatch):
    monkeypatch.setattr("calibration.bayes.labeling.gate.MAX_RHAT", 1.0)
    fit = fit_labels(DRAWN.frame)
    assert not fit.converged
    assert fit.diagnostics["state"] == "not converged"
    assert {model["sweeps"] for model in fit.diagnostics["models"].values() if model["weight"] >= 0.05} == {40}


@pytest.mark.usefixtures("quick")
def test_ties_stay_ties():
    even = pd.DataFrame({"item": ["x", "x"] * 2, "annotator": ["a", "b"] * 2, "label": ["no", "yes"] * 2})
    even["item"] = ["x", "x", "y", "y"]
    fit = fit_labels(even, seed=1)
    majority = fit.items[["p_no", "p_yes"]].to_numpy()
    tied = np.abs(majority[:, 0] - majority[:, 1]) < 0.005
    assert fit.items["label"].isna().tolist() == tied.tolist()
    assert fit.diagnostics["tied_items"] == fit.items["item"][tied].tolist()


@pytest.mark.usefixtures("quick")
def test_progress_is_told_and_a_wish_to_stop_is_heard():
    told = []
    fit_labels(DRAWN.frame, progress=told.append)
    assert told[-1].percent > told[0].percent
    with pytest.raises(Cancelled):
        fit_labels(DRAWN.frame, should_cancel=lambda: True)


ONE_EACH = pd.DataFrame({"item": [f"i{k}" for k in range(12)], "annotator": list("abc") * 4, "label": list("xyxx") * 3})


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("frame", "warning"),
    [
        (ONE_EACH, "No item has two judgments"),
        (ONE_EACH.assign(annotator="a"), "There is one annotator"),
        (ONE_EACH.assign(item="i0", annotator=[f"a{k}" for k in range(12)]), "fewer than 20 judgments"),
    ],
)
def test_thin_frames_give_a_result_and_a_warning(frame, warning):
    fit = fit_labels(frame)
    assert np.isfinite(fit.items.filter(like="p_").to_numpy()).all()
    assert any(warning in text for text in fit.diagnostics["warnings"])
    json.dumps(fit.diagnostics, allow_nan=False)


@pytest.mark.usefixtures("quick")
def test_annotators_who_all_agree_are_believed():
    same = pd.DataFrame([(f"i{i}", f"a{j}", "xy"[i % 2]) for i in range(20) for j in range(4)])
    fit = fit_labels(same.set_axis(["item", "annotator", "label"], axis=1))
    assert fit.items["label"].tolist() == ["xy"[int(name[1:]) % 2] for name in fit.items["item"]]
    assert (fit.annotators["accuracy"] > 0.8).all()


@pytest.mark.usefixtures("quick")
def test_thousands_of_labels_use_the_coins_and_bounded_tables():
    rng = np.random.default_rng(1)
    item = np.repeat(np.arange(100), 4)
    label = np.where(rng.random(item.size) < 0.7, item * 40, rng.integers(0, 4_000, item.size))
    frame = pd.DataFrame({"item": item, "annotator": np.tile(list("abcd"), 100), "label": label})
    fit = fit_labels(frame, labels=[str(k) for k in range(4_000)])
    assert set(fit.models) == {"C", "SC"}
    assert any("too many labels" in text for text in fit.diagnostics["warnings"])
    assert len(fit.confusion) < 5_000
    sure = fit.items["label"].notna()
    assert (fit.items["label"][sure] == (fit.items["item"][sure].astype(int) * 40).astype(str)).mean() > 0.9
    assert fit.predict(frame.head(3)[["item", "annotator"]]).shape == (3, 4_004)


def test_one_label_is_refused_unless_others_are_named():
    with pytest.raises(UnusableFrame, match="nothing to tell apart"):
        fit_labels(ONE_EACH.assign(label="x"))


@pytest.mark.usefixtures("quick")
def test_predictions_of_no_rows_and_of_unusable_rows():
    fit = fit_labels(ONE_EACH)
    assert len(fit.predict(pd.DataFrame({"item": [], "annotator": []}))) == 0
    with pytest.raises(UnusableFrame, match="lacks the columns annotator"):
        fit.predict(pd.DataFrame({"item": ["i0"]}))


def test_prevalence_is_given_by_pool_and_from_each_grade_on():
    drawn = world(np.random.default_rng(4), items=60, accuracy=(0.9, 0.8, 0.8), systems=((0.5, 0.3, 0.2),) * 2)
    pool = drawn.frame["item"].map(lambda item: ("edge", "regular")[(hash_of(item) // 2) % 2])
    fit = fit_labels(drawn.frame.assign(pool=pool), ordered=True, seed=1)
    table = fit.prevalence.set_index(["system", "pool", "label"])
    of_all = fit.prevalence[fit.prevalence["system"].isna()].set_index(["pool", "label"])
    parts = of_all.loc["edge"]["n"] + of_all.loc["regular"]["n"]
    whole = of_all[of_all.index.get_level_values(0).isna()].droplevel(0)
    assert (parts == whole["n"]).all()
    assert len(table) == (2 + 1) * 3 * 4
    worse = whole.loc["c1"]["share"] + whole.loc["c2"]["share"]
    assert whole.loc["≥ c1"]["share"] == pytest.approx(worse)
    assert whole.loc["≥ c1"]["share"] == pytest.approx(1 - whole.loc["c0"]["share"])
    assert set(fit.differences["label"]) == {"c0", "c1", "c2", "≥ c1"}


def hash_of(item):
    return int("".join(filter(str.isdigit, item)))
