"""The compiled sampler and the PyMC definitions sample one posterior."""

import arviz as az
import numpy as np
import pytest

from calibration.bayes.labeling import reference, sampling
from calibration.bayes.labeling.chain import MODELS
from calibration.bayes.labeling.data import label_data
from calibration.bayes.labeling.meter import Meter
from calibration.bayes.labeling.sampling import Length
from tests.calibration.bayes.labeling.public import bluebirds
from tests.calibration.bayes.labeling.worlds import world

BUILD = {"H": reference.build_clean_model, "SH": reference.build_soft_model}
MODEL = {model.key: model for model in MODELS}


def nuts_reading(data, key, *, tune, draws, depth):
    import nutpie

    compiled = nutpie.compile_pymc_model(BUILD[key](data), var_names=["reading"])
    trace = nutpie.sample(
        compiled, tune=tune, draws=draws, chains=2, cores=2, seed=1, maxdepth=depth, progress_bar=False
    )
    reading = trace.posterior["reading"].values
    # An oracle that has not converged itself says nothing; plain draws, hence not the gate's 1.01.
    assert np.quantile(az.rhat(reading.reshape(2, draws, -1, order="C")), 0.99) < 1.05
    return reading.mean(axis=(0, 1))


def gibbs_reading(data, key, sweeps):
    seeds, meter = np.random.SeedSequence(1), Meter(None, None, 1.0)
    return sampling.sample(data, MODEL[key], seeds, meter, length=Length(sweeps, sweeps // 5)).q


@pytest.mark.parametrize("key", ["H", "SH"])
def test_a_reference_model_has_a_finite_density_and_gradient_at_its_start(key):
    data = label_data(world(np.random.default_rng(2), items=6, accuracy=(0.9, 0.8, 0.7)).frame)
    model = BUILD[key](data)
    point = model.initial_point()
    assert np.isfinite(model.compile_logp(mode="FAST_COMPILE")(point))


@pytest.mark.slow
@pytest.mark.parametrize("key", ["H", "SH"])
def test_both_samplers_agree_on_a_small_world(key):
    accuracy = (0.95, 0.9, 0.9, 0.8, 0.8, 0.7, 0.7, 0.6)
    data = label_data(world(np.random.default_rng(2), items=40, accuracy=accuracy).frame)
    gap = np.abs(nuts_reading(data, key, tune=500, draws=1_000, depth=8) - gibbs_reading(data, key, 8_000))
    assert gap.mean() < 0.015


@pytest.mark.slow
@pytest.mark.parametrize("key", ["H", "SH"])
def test_both_samplers_agree_on_bluebirds(data_dir, key):
    data = label_data(bluebirds(data_dir)[0])
    gap = np.abs(nuts_reading(data, key, tune=400, draws=600, depth=8) - gibbs_reading(data, key, 8_000))
    assert gap.mean() <= 0.01
