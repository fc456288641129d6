"""The compiled posterior is the PyMC model: value, gradient, and answers written out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytensor
import pytest
from scipy.special import expit

from calibration.bayes import kernel, pilot, population, posterior, prefit
from calibration.bayes.comparison import build_comparison_model
from calibration.bayes.data import comparison_data
from calibration.bayes.engine import own_terms, sampled_model
from calibration.bayes.priors import DEFAULT_PRIORS, PARAMETERS

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def plain_frame() -> pd.DataFrame:
    people = population.panel(5, 2, seed=4)
    return population.campaign(people, seed=4, systems=4, prompts=3, overlap=3, both_orders=True).frame


def rich_frame() -> pd.DataFrame:
    """Graded answers with gaps, lengths, families and stakeholder groups, in two components."""
    frame = plain_frame()
    other = frame.assign(**{f"system_{side}": frame[f"system_{side}"] + "'" for side in "ab"}, item=frame["item"] + "'")
    frame = pd.concat([frame, other], ignore_index=True)
    number = np.arange(len(frame))
    last = frame["annotator"].str[-1].astype(int)
    judge = frame["annotator_kind"] == "judge"
    return frame.assign(
        length_a=120.0,
        length_b=80.0 + number % 90,
        strength=np.where(frame["outcome"] == "tie", 0, number % 4),
        annotator_family=("f" + (last % 2).astype(str)).where(judge),
        annotator_group=("g" + (last % 2).astype(str)).where(~judge),
        system_family_a=["f0" if "0" in name else "f2" for name in frame["system_a"]],
        system_family_b=["f1" if "1" in name else "f2" for name in frame["system_b"]],
    )


@pytest.fixture(scope="module", params=[plain_frame, rich_frame], ids=["plain", "rich"])
def case(request):
    data = comparison_data(request.param())
    rng = np.random.default_rng(3)
    first = prefit.first_coordinates(data)
    priors = replace(DEFAULT_PRIORS, lapse=None if request.param is rich_frame else 0.01)
    model = sampled_model(data, priors, first)
    points = rng.normal(0.0, 0.3, (60, model.n_dim))
    design, rows = posterior.design_of(data, priors), posterior.rows_of(data)
    drawn = [own_terms(x, posterior.forward(x, design, first, rows)[0]) for x in points]
    draws = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    second = pilot.refined(first, data, draws, priors)
    return data, priors, design, second, rows


def numeric(function, x, step=1e-5):
    """Differentiate by central differences, one column a coordinate."""
    ends = [(function(x + e), function(x - e)) for e in step * np.eye(x.size)]
    return np.stack([(up - down) / (2 * step) for up, down in ends], axis=-1)


def test_the_gradient_is_the_slope_of_the_value(case):
    _, _, design, pulls, rows = case
    for seed in (0, 1):
        x = np.random.default_rng(seed).normal(0.0, 0.5, design.n_dim)
        _, gradient = posterior.log_posterior(x, design, pulls, rows)
        slope = numeric(lambda z: np.array(posterior.log_posterior(z, design, pulls, rows)[0]), x)
        np.testing.assert_allclose(gradient, slope, rtol=1e-5, atol=1e-5)


def test_the_density_is_that_of_the_pymc_model(case):
    """Up to one constant: the model's density of the same point, the map's Jacobian, and the two auxiliary draws."""
    data, priors, design, pulls, rows = case
    model = build_comparison_model(data, priors)
    logp = model.compile_logp(jacobian=False, mode="NUMBA")
    untransformed = {model.rvs_to_values[rv].name: rv.name for rv in model.free_RVs}
    constants = []
    for seed in range(3):
        x = np.random.default_rng(seed).normal(0.0, 0.5, design.n_dim)
        values = named(data, design, pulls, rows, x)
        point = {key: transformed(model, rv, values[rv]) for key, rv in untransformed.items()}
        jacobian = numeric(lambda z: flat(named(data, design, pulls, rows, z)), x)[:, 2:]
        log_jacobian = np.linalg.slogdet(jacobian)[1]
        at, _ = posterior.forward(x, design, pulls, rows)
        constants.append(
            posterior.log_posterior(x, design, pulls, rows)[0]
            - float(logp(point))
            - log_jacobian
            - posterior.blocks.panel(x, at.annotator, pulls)
        )
    np.testing.assert_allclose(constants, constants[0], atol=1e-4)


def named(data, design, pulls, rows, x):
    """Give a point's numbers under the names of the model's variables."""
    at, _ = posterior.forward(x, design, pulls, rows)
    used, m = data.used_parameters(), data.levels
    subgroup_of, lapse = np.arange(len(data.subgroups)), at.lapse[design.lapse_at >= 0]
    values = {
        "scale": np.concatenate([at.scale[:2], at.scale[2:].reshape(used.shape)[used]]),
        "strength_contrast": at.contrast,
        "quality": at.quality,
        "log_odds_of_lapse": np.log(lapse / (1 - lapse)),
        "log_cut_step": np.log(np.diff(at.cut[m + 1 : -1])),
    }
    for p, name in enumerate(PARAMETERS):
        free = np.flatnonzero(used[:, p])[1 if p == 0 else 0 :]
        values[f"{name}_mean"] = at.mean[free, p]
        values[name] = at.annotator[used[data.annotator_group, p], p]
        inside = used[design.subgroup_group, p]
        sd = at.scale[2:].reshape(used.shape)[design.subgroup_group, p]
        values[f"{name}_offset"] = (at.offset[:, p] / (DEFAULT_PRIORS.subgroup_share * sd))[subgroup_of[inside]]
    return values


def flat(values):
    return np.concatenate([value.ravel() for value in values.values()])


def transformed(model, name, value):
    transform = model.rvs_to_transforms[model[name]]
    if transform is None:
        return value
    return transform.forward(value, *model[name].owner.inputs).eval()


def test_the_likelihood_is_the_ordered_logit_written_out():
    data = comparison_data(plain_frame())
    rng = np.random.default_rng(2)
    quality = rng.standard_normal(len(data.items))
    annotator = rng.standard_normal((len(data.annotators), len(PARAMETERS)))
    lapse = rng.uniform(0.0, 0.2, len(data.annotators))
    who = data.annotator
    eta = annotator[who, 0] * quality[data.item] + (annotator[who, 1:-1] * data.covariates).sum(axis=1)
    kappa = np.exp(annotator[who, -1])
    p_a, p_b = expit(eta - kappa), expit(-eta - kappa)
    p = (1 - lapse[who]) * np.choose(data.outcome, [p_a, 1 - p_a - p_b, p_b]) + lapse[who] / 3
    cut = np.array([-np.inf, -1.0, 1.0, np.inf])
    found = kernel.comparison_loglik(quality, annotator, cut, lapse, posterior.rows_of(data))[0]
    np.testing.assert_allclose(found, np.log(p).sum(), rtol=1e-10)


def test_the_model_compiles_without_a_compiler():
    assert pytensor.config.cxx == ""
