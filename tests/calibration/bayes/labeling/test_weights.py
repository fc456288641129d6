import numpy as np
import pytest

from calibration.bayes.labeling import folds, weights
from calibration.bayes.labeling.chain import MODELS
from calibration.bayes.labeling.data import label_data
from calibration.bayes.labeling.folds import Scores
from calibration.bayes.labeling.meter import Meter
from tests.calibration.bayes.labeling.worlds import world

DATA = label_data(world(np.random.default_rng(1), items=40).frame)


def scores(h, sh, c=-1.0, sc=-1.0):
    flat = np.ones(DATA.n_judgments)
    return Scores(DATA, ("C", "H", "SC", "SH"), np.stack([c * flat, h * flat, sc * flat, sh * flat]))


def test_weights_are_nats_an_item_times_the_gated_prior():
    noise = np.tile([0.1, -0.1], DATA.n_judgments // 2)
    found = weights.weigh(
        Scores(DATA, ("C", "H", "SC", "SH"), np.stack([noise - 1.0, noise * 0 - 0.9, noise - 1, noise * 0 - 0.9]))
    )
    assert found.gate == 0.0
    assert found.p_coin == pytest.approx(0.425)
    assert found.weight["H"] / found.weight["C"] == pytest.approx(0.575 / 0.425 * np.exp(5 * 0.1))
    assert sum(found.weight.values()) == pytest.approx(1)


def test_the_gate_counts_items_and_turns_to_the_coins_where_soft_is_better():
    rng = np.random.default_rng(2)
    gain = 0.1 + 0.01 * rng.standard_normal(DATA.n_judgments)
    flat = -np.ones(DATA.n_judgments)
    softer = Scores(DATA, ("C", "H", "SC", "SH"), np.stack([flat, flat, flat, flat + gain]))
    found = weights.weigh(softer)
    by_item = np.bincount(DATA.item(), gain)
    assert found.gate == pytest.approx(by_item.sum() / np.sqrt(40 * by_item.var()))
    assert found.p_coin == pytest.approx(0.8)


def test_without_full_models_the_coins_share_everything():
    flat = -np.ones(DATA.n_judgments)
    found = weights.weigh(Scores(DATA, ("C", "SC"), np.stack([flat, flat])))
    assert found.gate is None
    assert found.weight == {"C": 0.5, "SC": 0.5}


def test_the_floor_is_a_fifth_of_the_smoothed_majority():
    majority = weights.smoothed_majority(DATA)
    votes = DATA.votes()
    assert majority[0] == pytest.approx((votes[0] + 0.5) / (votes[0].sum() + 1.5))
    assert weights.floored(np.zeros_like(majority), majority) == pytest.approx(0.2 * majority)


def test_each_fold_takes_a_quarter_of_every_item():
    fold = folds._folds(DATA, np.random.default_rng(1))
    held = np.zeros((40, 4))
    np.add.at(held, (DATA.item(), fold), 1)
    assert set(np.unique(held)) == {1, 2}
    assert np.abs(held.sum(axis=0) - 50).max() <= 12


def test_many_judgments_are_scored_on_whole_items(monkeypatch):
    monkeypatch.setattr(folds, "MOST_JUDGMENTS", 100)
    part = folds._part(DATA, np.random.default_rng(1))
    assert part.n_judgments == 100
    assert set(part.item_size) == {5}


def test_held_out_judgments_are_predicted_better_than_by_chance():
    found = folds.score(DATA, MODELS, np.random.SeedSequence(1), Meter(None, None, 1.0))
    assert found.log_predictive.shape == (4, 200)
    assert (found.log_predictive.mean(axis=1) > -np.log(3) + 0.1).all()
