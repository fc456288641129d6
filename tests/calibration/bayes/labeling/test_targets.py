"""One setting on two public sets with gold that the fit never sees: right, and as sure as it may be."""

import numpy as np
import pytest

from calibration.bayes.labeling.fitting import fit_labels
from tests.calibration.bayes.labeling.public import bluebirds, scores, weather

SEEDS = range(5)


@pytest.mark.slow
@pytest.mark.parametrize(("read", "right", "log_loss"), [(bluebirds, 96, 0.33), (weather, 255, 0.48)])
def test_labels_are_right_and_calibrated_with_every_seed(data_dir, read, right, log_loss):
    frame, gold = read(data_dir)
    found = [scores(fit_labels(frame, seed=seed).items, gold) for seed in SEEDS]
    assert min(one["right"] for one in found) >= right
    assert max(one["log_loss"] for one in found) <= log_loss
    assert np.mean([one["ece"] for one in found]) <= 0.08


@pytest.mark.slow
@pytest.mark.parametrize("read", [bluebirds, weather])
def test_gold_does_not_make_the_other_items_worse(data_dir, read):
    frame, gold = read(data_dir)
    known = gold.sample(40, random_state=1)
    rest = gold[~gold["item"].isin(known["item"])]
    losses = []
    for given in (None, known):
        items = fit_labels(frame, gold=given, seed=1).items
        losses.append(scores(items[items["item"].isin(rest["item"])].reset_index(drop=True), rest)["log_loss"])
    assert losses[1] <= losses[0] + 0.02
