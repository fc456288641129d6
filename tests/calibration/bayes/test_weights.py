import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from calibration.bayes import bradley_terry, candidates, left_out, population, weights
from calibration.bayes.columns import UnusableFrame
from calibration.bayes.data import comparison_data
from tests.calibration.bayes.known_fits import fit_at, shared_fit, true_fit

NAMES = ["p_a", "p_tie", "p_b"]


def drawn_with(seed=1, **given):
    people = population.members(20, seed=seed, behaviors={"random": 0.1})
    return population.campaign(people, seed=seed + 50, **({"systems": 5, "prompts": 25, "overlap": 4} | given))


def truth(drawn, data):
    place = drawn.items["item"].tolist()
    quality = drawn.quality[0][[place.index(name) for name in data.items]]
    p_a, p_b = expit(quality - 0.4), expit(-quality - 0.4)
    return np.column_stack([p_a, 1 - p_a - p_b, p_b])


def cross_entropy(chance, true):
    return float(-(true * np.log(chance)).sum(axis=1).mean())


def gold_of(drawn, data, n, seed=0):
    rng = np.random.default_rng(seed)
    sides = [rng.choice(["a", "tie", "b"], p=p) for p in truth(drawn, data)]
    systems = np.array(data.systems)
    ends = {"system_a": systems[data.item_system_a], "system_b": systems[data.item_system_b]}
    return pd.DataFrame({"item": data.items, **ends, "outcome": sides}).sample(n, random_state=seed)


def test_the_pool_is_nearer_to_the_truth_than_counting():
    drawn = drawn_with()
    data = comparison_data(drawn.frame)
    found = weights.consensus(true_fit(drawn, data))
    true, counted = truth(drawn, data), candidates.counts(data) + 0.5
    pooled = cross_entropy(found.items[NAMES].to_numpy(), true)
    assert pooled < cross_entropy(counted / counted.sum(axis=1, keepdims=True), true) - 0.02
    assert found.weights.set_index("candidate")["weight"].idxmax() == "hierarchical"
    np.testing.assert_allclose(found.items[NAMES].sum(axis=1), 1.0)
    assert found.weights["weight"].sum() == pytest.approx(1.0)
    assert found.floor_reason.startswith("assumed")


def test_a_wrong_posterior_loses_its_weight_to_counting():
    drawn = drawn_with()
    data = comparison_data(drawn.frame)
    right = true_fit(drawn, data)
    annotator = np.column_stack([np.full(20, 1.0), np.zeros(20), np.full(20, -0.9)])
    wrong = fit_at(data, -drawn.strength[0], -right.draws["quality"].mean(axis=(0, 1)), annotator, item_sd=0.2)
    table = weights.consensus(wrong).weights.set_index("candidate")
    assert table.loc["hierarchical", "weight"] < 0.1
    assert table.loc["hierarchical", "behind"] < -0.3


def test_weights_do_not_harden_as_data_grow():
    small, large = (drawn_with(prompts=n) for n in (8, 32))
    spread = []
    for drawn in (small, large):
        data = comparison_data(drawn.frame)
        spread.append(weights.consensus(true_fit(drawn, data)).weights["weight"].max())
    assert spread[1] < spread[0] + 0.15
    np.testing.assert_allclose(weights.soft_weights([-1.0, -1.0], 5.0), 0.5)


def test_twenty_gold_items_move_weights_and_fit_the_floor():
    drawn = drawn_with(prompts=25)
    data = comparison_data(drawn.frame)
    fit = true_fit(drawn, data)
    few, some = (weights.consensus(fit, gold=gold_of(drawn, data, n)) for n in (19, 150))
    assert few.floor_reason.startswith("assumed")
    assert some.floor_reason == "calibrated on 150 gold items"
    assert (some.n_gold, few.n_gold) == (150, 19)
    assert not np.allclose(some.weights["weight"], some.weights["prior_weight"])
    np.testing.assert_allclose(few.weights["weight"], few.weights["prior_weight"])
    true = truth(drawn, data)
    assert cross_entropy(some.items[NAMES].to_numpy(), true) < cross_entropy(few.items[NAMES].to_numpy(), true) + 0.01


def test_gold_may_name_the_sides_either_way_and_must_be_readable():
    drawn = drawn_with(prompts=8)
    data = comparison_data(drawn.frame)
    gold = gold_of(drawn, data, 60)
    turned = gold.rename(columns={"system_a": "system_b", "system_b": "system_a"})
    turned["outcome"] = turned["outcome"].replace({"a": "b", "b": "a"})
    first, second = (weights.consensus(true_fit(drawn, data), gold=one) for one in (gold, turned))
    assert first.items.equals(second.items)
    with pytest.raises(UnusableFrame, match="outcome"):
        weights.consensus(true_fit(drawn, data), gold=gold.drop(columns="outcome"))
    with pytest.raises(UnusableFrame, match="unknown"):
        weights.consensus(true_fit(drawn, data), gold=gold.assign(outcome="left"))


def test_a_left_out_score_is_the_exact_one_where_nothing_is_shared():
    """With strengths and annotators known, leaving a judgment out of its item is an integral that can be done."""
    drawn = drawn_with(prompts=8)
    data = comparison_data(drawn.frame)
    fit = true_fit(drawn, data, noise=1e-9)
    fit.draws["quality"] += 0.3 * np.random.default_rng(1).standard_normal(fit.draws["quality"].shape)
    found = left_out.scores(fit, n_draws=40)
    row = int(np.flatnonzero(np.bincount(data.item)[data.item] == 4)[7])
    mates = np.flatnonzero(data.item == data.item[row])
    people = {member.name: member for member in drawn.members}
    who = [people[data.annotators[data.annotator[k]]] for k in mates]
    strength = drawn.strength[0]
    gap = strength[data.item_system_a[data.item[row]]] - strength[data.item_system_b[data.item[row]]]
    quality = np.linspace(-8, 8, 4001)
    density = np.exp(-0.5 * ((quality - gap) / 0.5) ** 2)
    chance = []
    for k, person in zip(mates, who, strict=True):
        slope = person.discrimination * (person.behavior == "honest")
        eta = slope * quality + person.position_bias * data.covariates[k, 0]
        p_a, p_b = expit(eta - person.tie_width), expit(-eta - person.tie_width)
        chance.append([p_a, 1 - p_a - p_b, p_b][data.outcome[k]])
    others = density * np.prod([c for c, k in zip(chance, mates, strict=True) if k != row], axis=0)
    exact = np.log((others * chance[list(mates).index(row)]).sum() / others.sum())
    assert found.log_score[row] == pytest.approx(exact, abs=2e-3)


def test_the_plain_scale_reproduces_the_published_anchor_of_one_pair():
    """Of one pair with 60, 20 and 20 outcomes the likeliest gap and width are known in closed form."""
    fit = bradley_terry.fit(np.zeros(3, int), np.ones(3, int), np.arange(3), 1e5 * np.array([60.0, 20.0, 20.0]), 2)
    up, down = np.log(0.6 / 0.4), np.log(0.2 / 0.8)
    assert fit.strength[0] - fit.strength[1] == pytest.approx((up - down) / 2, abs=1e-3)
    assert np.exp(fit.log_width) == pytest.approx(-(up + down) / 2, abs=1e-3)


@pytest.mark.parametrize("change", ["one annotator", "all ties", "two parts", "one judgment an item"])
def test_hostile_frames_give_distributions(change):
    frame = drawn_with(prompts=6).frame
    if change == "one annotator":
        frame = frame.drop_duplicates("item").assign(annotator="only")
    elif change == "one judgment an item":
        frame = frame.drop_duplicates("item")
    elif change == "all ties":
        frame = frame.assign(outcome="tie")
    else:
        late = frame["item"] >= "003"
        frame.loc[late, "system_a"] = "x" + frame.loc[late, "system_a"]
        frame.loc[late, "system_b"] = "x" + frame.loc[late, "system_b"]
    found = weights.consensus(shared_fit(comparison_data(frame)))
    assert np.isfinite(found.items[NAMES].to_numpy()).all()
    assert (found.items[NAMES] > 0).all().all()
    assert found.weights["weight"].gt(0).all()


def test_row_order_changes_nothing_and_renamed_systems_turn_the_sides():
    frame = drawn_with(prompts=6).frame
    data = comparison_data(frame)
    assert candidates.plain(data).outcome.tolist() == (
        candidates.plain(comparison_data(frame.sample(frac=1, random_state=2))).outcome.tolist()
    )
    new = {f"system-{k:02d}": f"system-{4 - k:02d}" for k in range(5)}
    renamed = comparison_data(frame.assign(system_a=frame["system_a"].map(new), system_b=frame["system_b"].map(new)))
    assert data.items == tuple(dict.fromkeys(data.items))
    for account in (candidates.plain, candidates.frequencies):
        first, second = account(data).outcome, account(renamed).outcome
        place = [renamed.items.index(name) for name in data.items]
        np.testing.assert_allclose(first, second[place][:, ::-1], atol=1e-6)
