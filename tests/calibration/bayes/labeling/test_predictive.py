import numpy as np
import pandas as pd
import pytest

from calibration.bayes.labeling import predictive
from calibration.bayes.labeling.chain import MODELS
from calibration.bayes.labeling.data import label_data
from calibration.bayes.labeling.meter import Meter
from calibration.bayes.labeling.sampling import Length
from tests.calibration.bayes.labeling.public import anaesthetists, caries
from tests.calibration.bayes.labeling.worlds import world

COIN, CLEAN, _, SOFT = MODELS


def p_values(data, model, length=predictive.USUAL):
    return {one.name: one.p for one in predictive.check(data, model, seed=1, meter=Meter(None, None, 1), length=length)}


def test_judgments_of_the_model_itself_pass():
    drawn = world(np.random.default_rng(1), items=150, share=(0.6, 0.4))
    assert min(p_values(label_data(drawn.frame), CLEAN).values()) > 0.02


def test_items_of_two_difficulties_fail_the_clean_model():
    rng = np.random.default_rng(2)
    easy, hard = (world(rng, items=200, accuracy=(a,) * 5, share=(0.5, 0.5)).frame for a in (0.99, 0.55))
    frame = easy.assign(item="e" + easy["item"])
    both = label_data(pd.concat([frame, hard], ignore_index=True))
    assert min(p_values(both, CLEAN).values()) < 0.01


def test_a_coin_model_is_refused():
    with pytest.raises(ValueError, match="not C"):
        p_values(label_data(world(np.random.default_rng(1)).frame), COIN)


@pytest.mark.slow
def test_dawid_skene_fails_on_caries_and_soft_items_come_nearer(data_dir):
    """Soft items mix the classes' own error rates; caries needs more than that, so the soft model is flagged too."""
    data, meter = label_data(caries(data_dir)), Meter(None, None, 1)
    clean, soft = (
        {one.name: one for one in predictive.check(data, model, seed=1, meter=meter, length=Length(1_500, 500))}
        for model in (CLEAN, SOFT)
    )
    assert clean["votes"].p < 0.01
    assert soft["votes"].observed < 0.75 * clean["votes"].observed
    assert soft["votes"].p < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("model", [CLEAN, SOFT], ids=["H", "SH"])
def test_neither_fails_on_the_anaesthetists(data_dir, model):
    first = anaesthetists(data_dir).drop_duplicates(["item", "annotator"])
    assert min(p_values(label_data(first), model, Length(1_500, 300)).values()) > 0.05
