import json

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from calibration.bayes import contested, population, row_terms, spam, taste_groups
from calibration.bayes.data import comparison_data
from calibration.bayes.population import Member
from tests.calibration.bayes.known_fits import shared_fit

SPAM = {"random": 0.02, "first": 0.02, "inverted": 0.01}


def two_tastes(seed=1, n=60, **given):
    people = population.members(n, seed=seed, tastes=(0.7, 0.3), behaviors=SPAM)
    setting = {"systems": 5, "prompts": 40, "taste_correlation": 0.0} | given
    return population.campaign(people, seed=seed + 100, **setting)


@pytest.fixture(scope="module")
def split():
    drawn = two_tastes()
    tags = dict(zip(drawn.items["item"], ((tag,) for tag in drawn.items["tag"]), strict=True))
    return drawn, contested.find(shared_fit(comparison_data(drawn.frame)), tags=tags, n_replicates=300)


def test_scores_are_the_derivatives_of_the_log_likelihood():
    rng = np.random.default_rng(1)
    for outcome in range(3):
        at = np.array([rng.normal(), rng.normal()])

        def value(z, y=outcome):
            return float(row_terms.log_likelihood(z[:1], np.exp(z[1:]), np.array([y]))[0])

        found = row_terms.scores(at[:1], np.exp(at[1:]), np.array([outcome]))
        np.testing.assert_allclose(np.ravel(found), approx_fprime(at, value), atol=1e-6)


def test_taste_groups_are_found_and_their_members_known(split):
    drawn, found = split
    people = {member.name: member for member in drawn.members}
    table = found.groups.table(comparison_data(drawn.frame))
    honest = table[[people[name].behavior == "honest" for name in table["annotator"]]]
    assert found.groups.n_groups == 2
    assert np.mean([people[a].taste == g for a, g in zip(honest["annotator"], honest["group"], strict=True)]) > 0.9
    assert found.groups.gains[0].gain > 2 * found.groups.gains[0].se


def test_contested_items_are_marked_and_told_as_distributions(split):
    drawn, found = split
    items = found.items.merge(drawn.items, on="item", suffixes=("", "_truth"))
    truth, marked = items["contested_truth"], items["contested"]
    assert (marked & truth).sum() / truth.sum() > 0.5
    assert truth[marked].mean() > 0.65
    np.testing.assert_allclose(found.outcomes[["p_a", "p_tie", "p_b"]].sum(axis=1), 1.0)
    assert (found.outcomes.groupby("item")["share"].sum().round(9) == 2.0).all()
    mixed = found.outcomes[found.outcomes["group"] == -1].set_index("item")["p_a"]
    parts = found.outcomes[found.outcomes["group"] >= 0]
    again = (parts["share"] * parts["p_a"]).groupby(parts["item"]).sum()
    np.testing.assert_allclose(mixed.sort_index(), again.sort_index())
    assert found.pairs["contested"].any()


def test_noise_alone_has_one_group_and_nothing_contested():
    people = population.members(60, seed=3, behaviors=SPAM)
    drawn = population.campaign(people, seed=4, systems=5, prompts=40)
    found = contested.find(shared_fit(comparison_data(drawn.frame)), n_replicates=200)
    assert found.groups.n_groups == 1
    assert found.items["contested"].mean() < 0.01
    assert len(found.tags) == 0


def test_nobody_of_the_minority_is_flagged_but_spam_is(split):
    drawn, found = split
    people = {member.name: member for member in drawn.members}
    flagged = found.annotators.set_index("annotator")["flagged"]
    behaviors = {name: people[name].behavior for name in flagged.index[flagged]}
    assert "honest" not in behaviors.values()
    assert "first" in behaviors.values()


def test_a_lone_inverter_is_flagged_and_a_third_of_inverters_are_a_group():
    people = [*population.members(30, seed=5), Member("upside-down", 1.5, behavior="inverted")]
    data = comparison_data(population.campaign(people, seed=6, systems=5, prompts=60).frame)
    table = spam.unreliable(shared_fit(data)).set_index("annotator")
    assert table.loc["upside-down", "reason"] == "inverted"
    assert table["flagged"].sum() == 1
    people = population.members(30, seed=7, behaviors={"inverted": 0.3})
    data = comparison_data(population.campaign(people, seed=8, systems=5, prompts=30).frame)
    assert not spam.unreliable(shared_fit(data))["flagged"].any()
    unfound = taste_groups.find(data, most_groups=1)
    table = spam.unreliable(shared_fit(data), unfound)
    assert (table["inverted"] > spam.BEYOND_DOUBT).sum() >= 3
    assert not table["flagged"].any()


def test_fixed_answers_and_few_judgments_are_told_apart():
    people = [*population.members(15, seed=9), Member("first", behavior="first"), Member("ties", behavior="always_tie")]
    frame = population.campaign(people, seed=10, systems=5, prompts=40).frame
    seldom = frame["annotator"] == "person-0000"
    frame = frame[~seldom | (np.cumsum(seldom) <= 5)]
    reason = spam.unreliable(shared_fit(comparison_data(frame))).set_index("annotator")["reason"]
    assert reason["first"] == "fixed side"
    assert reason["ties"] == "ties only"
    assert reason["person-0000"] == "too few judgments"
    assert reason.drop(["first", "ties", "person-0000"]).eq("").all()


@pytest.mark.parametrize("change", ["one annotator", "all ties", "two parts"])
def test_hostile_frames_give_tables_without_marks(change):
    frame = population.campaign(population.members(8, seed=1), seed=2, systems=3, prompts=8, overlap=3).frame
    if change == "one annotator":
        frame = frame.drop_duplicates("item").assign(annotator="only")
    elif change == "all ties":
        frame = frame.assign(outcome="tie")
    else:
        late = frame["item"] >= "004"
        frame.loc[late, "system_a"] = "x" + frame.loc[late, "system_a"]
        frame.loc[late, "system_b"] = "x" + frame.loc[late, "system_b"]
    found = contested.find(shared_fit(comparison_data(frame)), n_replicates=50)
    assert len(found.items) == frame["item"].nunique()
    assert not found.items["contested"].any()
    if change == "one annotator":
        assert found.items["p_value"].isna().all()


def test_row_order_and_recorded_side_change_nothing():
    frame = two_tastes(n=20, prompts=15).frame
    turned = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    half = np.arange(len(turned)) % 2 == 0
    turned.loc[half, ["system_a", "system_b"]] = turned.loc[half, ["system_b", "system_a"]].to_numpy()
    turned.loc[half, "outcome"] = turned.loc[half, "outcome"].replace({"a": "b", "b": "a"})
    turned.loc[half, "shown_order"] = turned.loc[half, "shown_order"].replace({"ab": "ba", "ba": "ab"})
    first, second = (contested.find(shared_fit(comparison_data(one)), n_replicates=50) for one in (frame, turned))
    assert first.items.equals(second.items)
    assert first.annotators.equals(second.annotators)


def test_names_of_systems_permute_the_groups_only():
    frame = two_tastes(n=24, prompts=15).frame
    new = {f"system-{k:02d}": f"system-{(k + 2) % 5:02d}" for k in range(5)}
    renamed = frame.assign(system_a=frame["system_a"].map(new), system_b=frame["system_b"].map(new))
    first, second = (taste_groups.find(comparison_data(one)) for one in (frame, renamed))
    assert np.array_equal(first.label, second.label)
    assert [one.p_value for one in first.gains] == [one.p_value for one in second.gains]
    np.testing.assert_allclose(first.shared.value, second.shared.value, rtol=1e-4)


@pytest.mark.slow
def test_of_a_thousand_in_the_minority_at_most_one_in_a_hundred_is_flagged():
    """Pool campaigns of 100 people, 70/30 tastes of both kinds and 5% spam; the control has one taste."""
    counts = dict.fromkeys(("minority", "minority_flagged", "first", "first_flagged"), 0)
    marked: dict[str, list[float]] = {"contested": [], "agreed": [], "control": []}
    kinds = (
        {"taste_correlation": 0.0},
        {"taste_correlation": 0.4},
        {"contested_share": 0.4},
        {"taste_correlation": -1.0},
    )
    for seed in range(1_000, 1_038):
        people = population.members(100, seed=seed, tastes=(0.7, 0.3), behaviors=SPAM)
        drawn = population.campaign(people, seed=seed + 500, systems=5, prompts=60, **kinds[seed % 4])
        found = contested.find(shared_fit(comparison_data(drawn.frame)), n_replicates=300)
        who = {member.name: member for member in people}
        for name, flagged in zip(found.annotators["annotator"], found.annotators["flagged"], strict=True):
            if who[name].behavior == "first":
                counts["first"] += 1
                counts["first_flagged"] += flagged
            elif who[name].behavior == "honest" and who[name].taste == 1:
                counts["minority"] += 1
                counts["minority_flagged"] += flagged
        items = found.items.merge(drawn.items, on="item", suffixes=("", "_truth"))
        marked["contested"].append(items.loc[items["contested_truth"], "contested"].mean())
        marked["agreed"].append(items.loc[~items["contested_truth"], "contested"].mean())
        people = population.members(100, seed=seed, behaviors=SPAM)
        drawn = population.campaign(people, seed=seed + 500, systems=5, prompts=60)
        control = contested.find(shared_fit(comparison_data(drawn.frame)), n_replicates=300)
        marked["control"].append(control.items["contested"].mean())
    shares = {name: round(float(np.mean(values)), 4) for name, values in marked.items()}
    print(json.dumps(counts), json.dumps(shares))
    assert counts["minority"] >= 1_000
    assert counts["minority_flagged"] <= 0.01 * counts["minority"]
    assert counts["first_flagged"] >= 0.9 * counts["first"]
    assert shares["control"] <= 0.01
    assert shares["contested"] >= shares["control"] + 0.4
