"""One setting on two public sets with gold that the fit never sees: right, and as sure as it may be."""

import numpy as np
import pandas as pd
import pytest

from calibration.bayes.labeling import gold, weights
from calibration.bayes.labeling.fitting import fit_labels
from calibration.bayes.labeling.gold import Gold
from tests.calibration.bayes.labeling.public import bluebirds, scores, weather

SEEDS = range(5)


@pytest.mark.slow
@pytest.mark.parametrize(("read", "right", "log_loss"), [(bluebirds, 96, 0.33), (weather, 255, 0.48)])
def test_labels_are_right_and_calibrated_with_every_seed(data_dir, read, right, log_loss):
    frame, gold = read(data_dir)
    found = [scores(fit_labels(frame, seed=seed).items, gold) for seed in SEEDS]
    assert min(one["right"] for one in found) >= right
    assert max(one["log_loss"] for one in found) <= log_loss
    assert max(one["ece"] for one in found) <= 0.08


@pytest.mark.slow
@pytest.mark.parametrize("read", [bluebirds, weather])
def test_forty_gold_items_do_not_make_the_others_worse(data_dir, read):
    frame, known = read(data_dir)
    fit = fit_labels(frame, seed=1)
    pool = sum(fit.weight[key] * model.q for key, model in fit.models.items())
    majority = weights.smoothed_majority(fit.data)
    truth = pd.Index(fit.data.labels).get_indexer(known.set_index("item")["label"].reindex(fit.data.items))
    rng, gain = np.random.default_rng(1), []
    for _ in range(100):
        order = rng.permutation(len(truth))
        given, rest = order[:40], order[40:]
        usual, fitted = (
            gold.calibrate(pool, majority, Gold(some, truth[some], 0)).apply(pool, majority)[rest, truth[rest]]
            for some in (given[:0], given)
        )
        gain.append(np.log(fitted).mean() - np.log(usual).mean())
    assert np.mean(gain) > -0.01
