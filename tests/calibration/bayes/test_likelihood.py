import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

from calibration.bayes import likelihood, simulate
from calibration.bayes.data import comparison_data
from calibration.bayes.priors import PARAMETERS

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def data():
    people = simulate.panel(7, 2, np.random.default_rng(4))
    frame = simulate.campaign(people, seed=4, systems=4, prompts=8).frame
    return comparison_data(frame.assign(length_a=120.0, length_b=80.0 + np.arange(len(frame)) % 90))


def value_and_gradient(data, loglik, quality, annotator):
    q, a = pt.vector("q"), pt.matrix("a")
    with pm.Model(coords=data.coords()):
        value = loglik(data, q, a)
        inputs = [q, a]
        function = pytensor.function(inputs, [value, *pytensor.grad(value, inputs)], mode="NUMBA")
    return function(quality, annotator)


def test_the_fused_likelihood_is_the_plain_one_in_value_and_gradient(data):
    rng = np.random.default_rng(1)
    for scale in (0.3, 1.0, 4.0):
        quality = scale * rng.standard_normal(len(data.items))
        annotator = rng.standard_normal((len(data.annotators), len(PARAMETERS)))
        plain = value_and_gradient(data, likelihood.plain, quality, annotator)
        fused = value_and_gradient(data, likelihood.fused, quality, annotator)
        for expected, found in zip(plain, fused, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_likelihood_is_the_ordered_logit_written_out(data):
    rng = np.random.default_rng(2)
    quality = rng.standard_normal(len(data.items))
    annotator = rng.standard_normal((len(data.annotators), len(PARAMETERS)))
    alpha, slopes, log_width = annotator[:, 0], annotator[:, 1:3], annotator[:, 3]
    who = data.annotator
    eta = alpha[who] * quality[data.item] + (slopes[who] * data.covariates).sum(axis=1)
    kappa = np.exp(log_width[who])
    p_a, p_b = 1 / (1 + np.exp(kappa - eta)), 1 / (1 + np.exp(kappa + eta))
    expected = np.log(np.choose(data.outcome, [p_a, 1 - p_a - p_b, p_b])).sum()
    found = value_and_gradient(data, likelihood.fused, quality, annotator)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
