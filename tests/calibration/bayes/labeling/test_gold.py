import numpy as np
import pandas as pd
import pytest

from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling import gold
from calibration.bayes.labeling.gold import Gold


def pools(confidence, n=200, right=0.7):
    """Give a pool that says class 0 with one confidence, a majority likewise, and truth right in a share."""
    pool = np.tile([confidence, 1 - confidence], (n, 1))
    truth = (np.arange(n) >= right * n).astype(int)
    return pool, np.tile([0.6, 0.4], (n, 1)), Gold(np.arange(n), truth, 0)


def test_gold_flattens_a_pool_that_is_too_sure():
    pool, majority, known = pools(0.99)
    fitted = gold.calibrate(pool, majority, known)
    assert fitted.sentence() == "calibrated on 200 gold items"
    assert fitted.apply(pool, majority)[0, 0] == pytest.approx(0.7, abs=0.05)


def test_few_gold_items_change_nothing():
    pool, majority, known = pools(0.99, n=19)
    kept = gold.calibrate(pool, majority, known)
    assert (kept.floor, kept.power, kept.sentence()) == (0.2, 1.0, "floor is an assumption")
    assert kept.apply(pool, majority)[0, 0] == pytest.approx(0.8 * 0.99 + 0.2 * 0.6)


def test_gold_of_other_criteria_is_left_out_and_contradictions_are_refused():
    frame = pd.DataFrame({"item": ["x", "x"], "label": ["a", "b"], "criterion": ["tone", "facts"]})
    assert gold.checked(frame, "tone")["label"].tolist() == ["a"]
    with pytest.raises(UnusableFrame, match="several labels"):
        gold.checked(frame.drop(columns="criterion"), "")
