import dataclasses
import json

import numpy as np
import pytest

from calibration.agreement.comparisons import comparisons as agreement
from calibration.bayes import checks, dissent, population
from calibration.bayes.data import comparison_data
from tests.calibration.bayes.known_fits import fit_at, shared_fit, true_fit


def drawn_with(seed=1, n=15, **given):
    people = population.members(n, seed=seed)
    return population.campaign(people, seed=seed + 50, **({"systems": 5, "prompts": 30, "overlap": 4} | given))


def by_name(found):
    return {one.check: one for one in found}


def test_a_fit_at_the_truth_passes_every_check():
    drawn = drawn_with()
    found = checks.predictive_checks(true_fit(drawn, comparison_data(drawn.frame)), seed=3)
    assert [one.check for one in found if not one.passed] == []
    assert len(found) == 7


def test_two_truths_under_one_fail_the_agreement_of_pairs_and_alpha():
    people = population.members(20, seed=1, tastes=(0.6, 0.4))
    drawn = population.campaign(people, seed=3, prompts=40, taste_correlation=-0.5)
    found = by_name(checks.predictive_checks(true_fit(drawn, comparison_data(drawn.frame))))
    pairs = found["annotator_pairs"]
    assert not pairs.passed
    assert pairs.value < 0.8
    assert pairs.worst[0]["n_common"] >= 20
    assert not found["alpha_nominal"].passed


@pytest.mark.parametrize(("column", "check"), [(1, "first_side_rate"), (2, "tie_rate")])
def test_a_habit_that_the_fit_misses_is_named(column, check):
    drawn = drawn_with()
    data = comparison_data(drawn.frame)
    people = {member.name: member for member in drawn.members}
    own = [[people[n].discrimination, people[n].position_bias, np.log(people[n].tie_width)] for n in data.annotators]
    own[4][column] += 2.0
    place = drawn.items["item"].tolist()
    quality = drawn.quality[0][[place.index(name) for name in data.items]]
    found = by_name(checks.predictive_checks(fit_at(data, drawn.strength[0], quality, own)))[check]
    assert not found.passed
    assert found.worst[0]["annotator"] == data.annotators[4]
    assert found.worst[0]["z"] < 0


def test_items_that_differ_more_than_the_model_says_fail_the_checks_within_items():
    drawn = drawn_with(item_sd=3.0, strength_sd=0.2, prompts=40)
    found = by_name(checks.predictive_checks(true_fit(drawn, comparison_data(drawn.frame), item_sd=0.2)))
    for name in ("outcomes_per_item", "within_item_agreement_sd", "unanimous_share"):
        assert found[name].passed is False, name
        assert found[name].replication == "fresh items"


def test_alpha_is_the_agreement_room_s_when_nobody_repeats():
    drawn = drawn_with()
    data = comparison_data(drawn.frame)
    own = dissent.alpha_nominal(data, dissent.row_pairs(data), data.outcome)
    known = agreement(drawn.frame, who=("all",), metrics=("alpha_nominal",), seed=0, n_boot=0)[0]
    assert own == pytest.approx(known.value, abs=1e-12)


def test_repeats_of_one_annotator_count_together():
    frame = drawn_with().frame
    data, twice = comparison_data(frame), comparison_data(frame.loc[frame.index.repeat(2)])
    for one in (data, twice):
        pairs = dissent.row_pairs(one)
        assert pairs.weight.sum() == pytest.approx(dissent.row_pairs(data).weight.sum())
        assert dissent.alpha_nominal(one, pairs, one.outcome) == pytest.approx(
            dissent.alpha_nominal(data, dissent.row_pairs(data), data.outcome)
        )


def test_one_annotator_leaves_pair_checks_undefined_with_a_reason():
    drawn = population.campaign(population.members(1, seed=1), seed=2, prompts=10, overlap=1)
    found = by_name(checks.predictive_checks(shared_fit(comparison_data(drawn.frame))))
    for name in (
        "annotator_pairs",
        "outcomes_per_item",
        "within_item_agreement_sd",
        "unanimous_share",
        "alpha_nominal",
    ):
        assert found[name].passed is None, name
        assert found[name].undefined_reason
    assert found["tie_rate"].passed is not None


def test_all_ties_are_no_crash():
    frame = drawn_with(prompts=10).frame.assign(outcome="tie")
    found = by_name(checks.predictive_checks(shared_fit(comparison_data(frame))))
    assert found["alpha_nominal"].passed is None
    assert found["alpha_nominal"].undefined_reason == "the paired judgments do not vary"


def test_a_seed_fixes_the_records_and_the_order_of_rows_does_not_matter():
    drawn = drawn_with(prompts=10)
    data = comparison_data(drawn.frame)
    shuffled = comparison_data(drawn.frame.sample(frac=1, random_state=1))
    first, second = (checks.predictive_checks(true_fit(drawn, one), seed=4) for one in (data, shuffled))
    assert first == second
    assert [dataclasses.asdict(one) for one in first] == [one.as_dict() for one in first]
    assert json.dumps([one.as_dict() for one in first], allow_nan=False)
