"""Real fits: recovery of a known truth, the gate, cancellation, and the public votes."""

import json

import numpy as np
import pandas as pd
import pytest

from calibration.bayes import population, posterior, sampling, summaries
from calibration.bayes.data import comparison_data
from calibration.bayes.population import Campaign, Member

pytestmark = [pytest.mark.filterwarnings("ignore::UserWarning"), pytest.mark.filterwarnings("ignore::FutureWarning")]

PEOPLE = (
    *(Member(f"human-{k}", 0.7 + 0.15 * k, 0.0, 0.4) for k in range(6)),
    Member("spammer", 0.0),
    Member("first-side", 0.3, 2.0, 0.3),
    Member("judge", 1.3, 0.8, 0.3, kind="judge"),
)


def campaign(people: tuple[Member, ...], **design: int) -> Campaign:
    """Give each item to three people, and to each judge in both orders."""
    return population.campaign(people, overlap=3, both_orders=True, **design)


@pytest.fixture(scope="module")
def fitted():
    drawn = campaign(PEOPLE, seed=11, systems=4, prompts=30)
    seen: list[sampling.Progress] = []
    found = sampling.fit(comparison_data(drawn.frame), seed=7, progress=seen.append)
    return drawn, found, seen


def test_a_known_truth_is_recovered_and_the_gate_passes(fitted):
    drawn, found, _ = fitted
    assert found.diagnostics.passed, found.diagnostics.reasons
    tables = summaries.summarize(found)
    scale = np.mean([person.discrimination for person in PEOPLE if person.kind == "human"])
    systems = tables.systems.set_index("system")
    truth = pd.Series(drawn.strength[0], index=list(drawn.systems)) * scale
    assert ((systems["strength"] - truth).abs() < 4 * systems["strength_sd"]).all()
    who = tables.annotators.set_index("annotator")
    assert who.loc["spammer", "discrimination_low"] < 0.15
    assert who["reliability"].idxmin() == "spammer"
    assert who["position_bias"].idxmax() == "first-side"
    assert who.loc["first-side", "position_bias_low"] > 0.0
    bias = pd.Series({person.name: person.position_bias for person in PEOPLE})
    assert ((who["position_bias"] - bias).abs() < 4 * who["position_bias_sd"]).all()


def test_every_estimate_lies_in_its_interval_and_probabilities_add_up(fitted):
    tables = summaries.summarize(fitted[1])
    for table in (tables.systems, tables.win_probability, tables.annotators, tables.items, tables.population):
        for low in [name for name in table if name.endswith("_low")]:
            name = low.removesuffix("_low")
            measured = table[table[name].notna()]
            assert len(measured) == (0 if name == "length_bias" or name == "self_preference_bias" else len(table)), name
            assert (measured[low] <= measured[name]).all(), name
            assert (measured[name] <= measured[f"{name}_high"]).all(), name
    items = tables.items
    np.testing.assert_allclose(items[["p_a", "p_tie", "p_b"]].sum(axis=1), 1.0)
    assert (items["n_judge"] == 2).all()
    pairs = tables.win_probability.set_index(["system_1", "system_2"])["probability"]
    np.testing.assert_allclose(pairs + pairs.swaplevel().reindex(pairs.index), 1.0, atol=1e-9)


def test_progress_is_told_and_ends_high(fitted):
    seen = fitted[2]
    assert {"preparing the model", "sampling"} <= {one.stage for one in seen}
    assert [one.percent for one in seen] == sorted(one.percent for one in seen)


def test_fits_of_other_shapes_compile_nothing_new(fitted):
    known = len(posterior.log_posterior.signatures), len(posterior.forward.signatures)
    data = comparison_data(campaign(PEOPLE[:4], seed=2, systems=3, prompts=8).frame)
    sampling.fit(data, seed=1, tune=20, draws=20, chains=2)
    assert (len(posterior.log_posterior.signatures), len(posterior.forward.signatures)) == known == (1, 1)


def test_a_wish_to_cancel_is_heard():
    data = comparison_data(campaign(PEOPLE, seed=1, systems=3, prompts=10).frame)
    with pytest.raises(sampling.Cancelled):
        sampling.fit(data, seed=1, draws=200_000, should_cancel=lambda: True)


@pytest.mark.slow
def test_intervals_cover_the_truth_they_should():
    """Pool 20 seeds: 90% intervals cover within the binomial 99% band of .90."""
    hits: dict[str, list[bool]] = {"strength": [], "discrimination": [], "position_bias": []}
    for seed in range(20):
        people = population.panel(10, 1, seed=1_000 + seed)
        drawn = campaign(people, seed=seed, systems=5, prompts=20)
        found = sampling.fit(comparison_data(drawn.frame), seed=seed)
        assert found.diagnostics.passed, (seed, found.diagnostics.reasons)
        tables = summaries.summarize(found)
        scale = np.mean([person.discrimination for person in people if person.kind == "human"])
        by_name = {person.name: person for person in people}
        for row in tables.systems.to_dict("records"):
            truth = drawn.strength[0][drawn.systems.index(row["system"])] * scale
            hits["strength"].append(row["strength_low"] <= truth <= row["strength_high"])
        for row in tables.annotators.to_dict("records"):
            person = by_name[row["annotator"]]
            slope = person.discrimination / scale
            hits["discrimination"].append(row["discrimination_low"] <= slope <= row["discrimination_high"])
            lean = person.position_bias
            hits["position_bias"].append(row["position_bias_low"] <= lean <= row["position_bias_high"])
    shares = {name: (float(np.mean(found)), len(found)) for name, found in hits.items()}
    print(json.dumps(shares))
    for name, (share, n) in shares.items():
        assert abs(share - 0.9) <= 2.576 * np.sqrt(0.09 / n), (name, share, n)


def test_pairs_of_large_boards_are_those_that_met(fitted, monkeypatch):
    _, fit, _ = fitted
    everybody = summaries.summarize(fit).win_probability
    monkeypatch.setattr(summaries, "MOST_PAIRED", 2)
    monkeypatch.setattr(summaries, "BLOCK", 1)
    pd.testing.assert_frame_equal(summaries.summarize(fit).win_probability, everybody[everybody["n"] > 0])
    half = fit.data.item_system_a == fit.data.item_system_a.min()
    assert 0 < half.sum() < half.size
