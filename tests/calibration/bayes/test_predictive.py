"""Predicted answers: what is known comes draw by draw, what is unknown from where the model draws it."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from calibration.bayes import columns, population, predictive
from calibration.bayes.data import comparison_data
from calibration.bayes.population import Member
from calibration.bayes.priors import DEFAULT_PRIORS, PARAMETERS
from tests.calibration.bayes import made

PEOPLE = (
    *(Member(f"human-{k}", 0.5 + 0.3 * k, 0.3 * k) for k in range(3)),
    Member("judge", 1.3, 0.8, 0.3, kind="judge"),
)


def frame_of(systems=4, prompts=5, seed=3):
    frame = population.campaign(PEOPLE, seed=seed, systems=systems, prompts=prompts, overlap=3, both_orders=True).frame
    rng = np.random.default_rng(seed)
    return frame.assign(length_a=rng.integers(10, 900, len(frame)), length_b=rng.integers(10, 900, len(frame)))


@pytest.fixture(scope="module")
def frame():
    return frame_of()


@pytest.fixture(scope="module")
def fitted(frame):
    return made.fit(comparison_data(frame), seed=1, draws=250)


def joined(fit, name):
    return fit.draws[name].reshape(-1, *fit.draws[name].shape[2:])


def asked(**changes):
    row = {"item": "new", "annotator": "human-1", "annotator_kind": "human"}
    row |= {"system_a": "system-00", "system_b": "system-02"}
    return pd.DataFrame([row | {"shown_order": "ab", "length_a": 300, "length_b": 40} | changes])


def by_hand(fit, annotator, quality, row, lapse):
    """Average the model's formula over draws: rows of parameters (draws, P) and qualities (draws,)."""
    ratio = np.clip((np.log1p(row["length_a"]) - np.log1p(row["length_b"])) / fit.data.length_unit, -3, 3)
    x = {"ab": 1.0, "ba": -1.0}[row["shown_order"]]
    eta = annotator[:, 0] * quality + annotator[:, 1] * x + annotator[:, 2] * ratio
    kappa = np.exp(annotator[:, PARAMETERS.index("log_tie_width")])
    p_a, p_b = (1 - lapse) * expit(eta - kappa) + lapse / 3, (1 - lapse) * expit(-eta - kappa) + lapse / 3
    return np.array([p_a.mean(), 1 - p_a.mean() - p_b.mean(), p_b.mean()])


def own_parameters(fit, name):
    j = fit.data.annotators.index(name)
    return np.column_stack([joined(fit, "discrimination")[:, j], joined(fit, "habit")[:, j]])


def gap(fit, a="system-00", b="system-02"):
    strength = joined(fit, "strength")
    return strength[:, fit.data.systems.index(a)] - strength[:, fit.data.systems.index(b)]


def test_a_known_annotator_on_a_known_item_is_the_average_over_draws(fitted):
    row = asked(item="002-00-02").iloc[0]
    quality = joined(fitted, "quality")[:, fitted.data.items.index("002-00-02")]
    expected = by_hand(fitted, own_parameters(fitted, "human-1"), quality, row, joined(fitted, "lapse")[:, 0])
    np.testing.assert_allclose(predictive.probabilities(fitted, pd.DataFrame([row]))[0], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("systems", "of_strength", "n_unknown"),
    [
        ({"system_a": "system-00", "system_b": "system-02"}, 1.0, 0),
        ({"system_a": "system-00", "system_b": "zz"}, 1.0, 1),
        ({"system_a": "yy", "system_b": "zz"}, 0.0, 2),
    ],
)
def test_what_is_unknown_about_an_item_is_integrated_out(fitted, systems, of_strength, n_unknown):
    row = asked(**systems).iloc[0]
    known = [name for name in systems.values() if name in fitted.data.systems]
    strength = joined(fitted, "strength")[:, [fitted.data.systems.index(name) for name in known]]
    center = of_strength * (strength @ np.array([1.0, -1.0])[: len(known)])
    scale = joined(fitted, "scale")
    # a system not compared with the others adds the prior's variance, those it meets the variance of their mean
    share = 0.0 if n_unknown == 0 else n_unknown + (2 - n_unknown) / len(fitted.data.systems)
    sd = np.sqrt(scale[:, 1] ** 2 + share * scale[:, 0] ** 2)
    z = np.random.default_rng(0).standard_normal((4_000, sd.size))
    who, lapse = own_parameters(fitted, "human-1"), joined(fitted, "lapse")[:, 0]
    expected = np.mean([by_hand(fitted, who, center + sd * one, row, lapse) for one in z], axis=0)
    np.testing.assert_allclose(predictive.probabilities(fitted, pd.DataFrame([row]))[0], expected, atol=2e-3)


@pytest.mark.parametrize(("kind", "group"), [("human", 0), ("llm", 1)])
def test_an_unknown_annotator_is_drawn_from_its_group(fitted, kind, group):
    row = asked(item="002-00-02", annotator="nobody", annotator_kind=kind).iloc[0]
    size = len(PARAMETERS)
    n = joined(fitted, "scale").shape[0]
    mean = np.column_stack([np.ones(n), joined(fitted, "group_mean")])[:, group * size : (group + 1) * size]
    sd = joined(fitted, "scale")[:, 2 + group * size : 2 + (group + 1) * size]
    rng, quality = np.random.default_rng(0), joined(fitted, "quality")[:, fitted.data.items.index("002-00-02")]
    drawn = []
    for _ in range(2_000):
        z = rng.standard_normal(mean.shape)
        z[:, 0] = rng.standard_t(DEFAULT_PRIORS.tail, n)
        drawn.append(by_hand(fitted, mean + sd * z, quality, row, joined(fitted, "lapse")[:, group]))
    found = predictive.probabilities(fitted, pd.DataFrame([row]))[0]
    np.testing.assert_allclose(found, np.mean(drawn, axis=0), atol=0.01)


def test_a_known_item_with_other_systems_is_another_item(fitted):
    named, unnamed = (
        predictive.probabilities(fitted, asked(item=item, system_b="system-01")) for item in ("002-00-02", "new")
    )
    np.testing.assert_array_equal(named, unnamed)


def test_turning_a_row_round_turns_its_answer_round(fitted, frame):
    rows = pd.concat([frame.drop(columns="outcome"), asked(), asked(annotator="x"), asked(system_b="zz")])
    swap = {"system_a": "system_b", "system_b": "system_a", "length_a": "length_b", "length_b": "length_a"}
    turned = rows.rename(columns=swap).assign(shown_order=rows["shown_order"].map({"ab": "ba", "ba": "ab"}))
    found = predictive.probabilities(fitted, rows)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_allclose(predictive.probabilities(fitted, turned), found[:, ::-1], rtol=1e-11)
    shuffled = np.random.default_rng(0).permutation(len(rows))
    np.testing.assert_array_equal(predictive.probabilities(fitted, rows.iloc[shuffled]), found[shuffled])


def test_parts_that_never_met_are_as_uncertain_as_their_levels(frame):
    apart = frame_of(systems=3, prompts=3).replace({f"system-0{k}": f"other-{k}" for k in range(3)})
    fit = made.fit(comparison_data(pd.concat([frame, apart])), draws=2_000)
    within = predictive.probabilities(fit, asked(system_a="other-0", system_b="other-1"))
    across = predictive.probabilities(fit, asked(system_a="other-0", system_b="system-00"))
    assert np.isfinite(within).all()
    assert np.isfinite(across).all()
    data = fit.data
    a, b = (np.array([data.systems.index(name)]) for name in ("other-0", "system-00"))
    assert predictive._unknown_share(data, a, b) == pytest.approx(1 / 3 + 1 / 4)
    assert predictive._unknown_share(data, a, a + 1) == 0.0


def test_an_annotator_of_a_known_family_is_moved_by_it(frame):
    family = {"human-0": "north", "human-1": "north", "human-2": "south"}
    fit = made.fit(comparison_data(frame.assign(annotator_group=frame["annotator"].map(family))), draws=1_000)
    fit.draws["offset"][:, :, :, 1] = np.array([3.0, -3.0])
    north, south, west = (
        predictive.probabilities(fit, asked(annotator="nobody", annotator_group=group))[0, 0]
        for group in ("north", "south", "west")
    )
    assert north > west + 0.1 > south + 0.2


def test_rows_that_cannot_be_asked_are_refused(fitted):
    with pytest.raises(columns.UnusableFrame, match="meets itself"):
        predictive.probabilities(fitted, asked(system_b="system-00"))
    with pytest.raises(columns.UnusableFrame, match="lacks the columns annotator"):
        predictive.probabilities(fitted, asked().drop(columns="annotator"))


def test_many_rows_need_little_memory(frame):
    fit = made.fit(comparison_data(frame), draws=1_000)
    rng = np.random.default_rng(0)
    rows = pd.concat([asked()] * 10_000, ignore_index=True).assign(length_a=rng.uniform(20, 100, 10_000))
    rows.loc[::2, "item"] = "002-00-02"
    tracemalloc.start()
    found = predictive.probabilities(fit, rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 10_000
    assert peak < 150e6
