"""The sampler against sums over all classes, and against known worlds."""

from itertools import product
from math import lgamma

import numpy as np
import pytest

from calibration.bayes.labeling.chain import MODELS, Chain, Fixed
from calibration.bayes.labeling.data import label_data
from tests.calibration.bayes.labeling.public import anaesthetists
from tests.calibration.bayes.labeling.worlds import world

SMALL = world(np.random.default_rng(3), items=5, accuracy=(0.8, 0.7, 0.6), share=(0.6, 0.4)).frame
CLEAN_FULL, SOFT_FULL = MODELS[1], MODELS[3]


def mean_q(chain, sweeps, burn_in):
    total = np.zeros_like(chain.q)
    for sweep in range(sweeps):
        chain.sweep(recording=sweep >= burn_in)
        if sweep >= burn_in:
            total += chain.q
    return total / (sweeps - burn_in)


def by_enumeration(data, fixed):
    """Sum the collapsed Dawid-Skene posterior over every assignment of classes."""
    n_items, n_annotators, n_labels = data.shape
    even = (1 - fixed.skill) / n_labels
    prior = fixed.concentration * (fixed.skill * np.eye(n_labels) + even)
    item, log_gamma = data.item(), np.vectorize(lgamma)
    q, total = np.zeros((n_items, n_labels)), 0.0
    for classes in product(range(n_labels), repeat=n_items):
        truth = np.array(classes)
        counts = np.zeros((n_annotators, n_labels, n_labels))
        np.add.at(counts, (data.annotator, truth[item], data.label), 1)
        rows = log_gamma(counts + prior).sum() - log_gamma(counts.sum(axis=2) + fixed.concentration).sum()
        sizes = log_gamma(np.bincount(truth, minlength=n_labels) + fixed.class_prior).sum()
        weight = np.exp(rows + sizes)
        q[np.arange(n_items), truth] += weight
        total += weight
    return q / total


def test_classes_follow_the_exact_posterior():
    data, fixed = label_data(SMALL), Fixed(skill=0.5, concentration=4.0, class_prior=1.0)
    sampled = mean_q(Chain(data, CLEAN_FULL, np.random.default_rng(1), fixed), 12_000, 500)
    assert np.abs(sampled - by_enumeration(data, fixed)).max() < 0.015


def test_several_judgments_of_one_annotator_on_one_item_are_not_independent():
    twice = label_data(SMALL)
    repeated = twice.select(np.repeat(True, twice.n_judgments))
    annotator = repeated.annotator.copy()
    annotator[repeated.annotator == 2] = 1
    object.__setattr__(repeated, "annotator", annotator)
    fixed = Fixed(skill=0.5, concentration=4.0, class_prior=1.0)
    sampled = mean_q(Chain(repeated, CLEAN_FULL, np.random.default_rng(1), fixed), 12_000, 500)
    assert np.abs(sampled - by_enumeration(repeated, fixed)).max() < 0.015


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_every_model_finds_easy_classes_and_the_spammer(model):
    drawn = world(np.random.default_rng(1), items=150, accuracy=(0.9, 0.85, 0.8, 0.8), spammers=1)
    data = label_data(drawn.frame)
    chain = Chain(data, model, np.random.default_rng(2))
    q = mean_q(chain, 200, 80)
    assert np.allclose(q.sum(axis=1), 1)
    named = np.array(data.labels)[q.argmax(axis=1)]
    assert (named == drawn.truth[data.items]).mean() > 0.93
    assert chain.skill.argmin() == 4


def test_exchanged_classes_are_put_right():
    drawn = world(np.random.default_rng(4), items=120, accuracy=(0.85, 0.85, 0.8, 0.8), share=(0.5, 0.5))
    data = label_data(drawn.frame)
    chain = Chain(data, CLEAN_FULL, np.random.default_rng(5))
    for _ in range(30):
        chain.sweep(recording=True)
    chain.truth, chain.read = 1 - chain.truth, 1 - chain.read
    chain.class_count = chain.class_count[::-1].copy()
    chain.skill[:] = 0.3
    q = mean_q(chain, 60, 30)
    named = np.array(data.labels)[q.argmax(axis=1)]
    assert (named == drawn.truth[data.items]).mean() > 0.9


@pytest.mark.slow
def test_bayesian_dawid_skene_reproduces_the_published_anaesthetists(data_dir):
    """Priors of Carpenter's and rater's: Dirichlet(3, ...) classes, rows of 8 with .6 on the diagonal."""
    rows = anaesthetists(data_dir).assign(reading=lambda frame: frame.groupby(["item", "annotator"]).cumcount())
    data = label_data(rows.assign(annotator=rows["annotator"] + "." + rows["reading"].astype(str)))
    owner = np.array([int(name.split(".")[0]) - 1 for name in data.annotators])
    object.__setattr__(data, "annotator", owner[data.annotator].astype(np.int32))
    object.__setattr__(data, "annotators", np.array(list("12345"), dtype=object))
    object.__setattr__(data, "annotator_group", np.zeros(5, dtype=np.int32))
    fixed = Fixed(skill=0.6 - 0.4 / 3, concentration=8.0, class_prior=3.0)
    chain = Chain(data, CLEAN_FULL, np.random.default_rng(1), fixed)
    total = np.zeros(4)
    for sweep in range(30_000):
        chain.sweep(recording=True)
        total += chain.prevalence() * (sweep >= 1_000)
    assert np.allclose(total / 29_000, [0.3756, 0.4073, 0.1432, 0.0738], atol=0.005)
