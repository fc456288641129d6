"""Fits whose draws scatter about given parameters, so that tests of what follows a fit need not sample."""

import numpy as np

from calibration.bayes import tastes
from calibration.bayes.data import COVARIATES, ComparisonData
from calibration.bayes.population import Campaign
from calibration.bayes.priors import PARAMETERS
from calibration.bayes.sampling import Fit

WIDTH = PARAMETERS.index("log_tie_width")


def fit_at(data: ComparisonData, strength, quality, annotator, *, item_sd=0.5, noise=0.05, n=250, seed=0) -> Fit:
    """Give 4 x n draws about the parameters; ``annotator`` has discrimination, position bias, log tie width."""
    rng = np.random.default_rng(seed)

    def about(center):
        center = np.asarray(center, float)
        return center + noise * rng.standard_normal((4, n, *center.shape))

    own = np.zeros((len(data.annotators), len(PARAMETERS)))
    own[:, 0], own[:, 1 + COVARIATES.index("position")], own[:, WIDTH] = np.asarray(annotator, float).T
    draws = {
        "strength": about(strength),
        "quality": about(quality),
        "discrimination": about(own[:, 0]),
        "habit": about(own[:, 1:]),
        "group_mean": about(np.median(own[:, 1:], axis=0)),
        "lapse": np.zeros((4, n, len(data.groups))),
        "scale": np.abs(about([1.0, item_sd])),
    }
    return Fit(data, draws, None, 4, n, n, seed, 1, 0.0, {})  # type: ignore[arg-type]


def true_fit(drawn: Campaign, data: ComparisonData, *, taste: int = 0, **given) -> Fit:
    """Give the fit about what a campaign was drawn from, seen by one taste group."""
    people = {member.name: member for member in drawn.members}
    who = [people[name] for name in data.annotators]
    annotator = [(m.discrimination * (m.behavior == "honest"), m.position_bias, np.log(m.tie_width)) for m in who]
    place = drawn.items["item"].tolist()
    quality = drawn.quality[taste][[place.index(name) for name in data.items]]
    return fit_at(data, drawn.strength[taste], quality, annotator, **given)


def shared_fit(data: ComparisonData, *, seed: int = 0) -> Fit:
    """Give draws about the point fit of one shared truth, as sampling the misspecified model would."""
    found = tastes.fit(data, np.zeros(len(data.annotators), dtype=int))
    annotator = np.column_stack([np.exp(found.annotator[:, 0]), found.annotator[:, 1], found.annotator[:, -1]])
    return fit_at(data, found.strength[0], found.quality[0], annotator, item_sd=tastes.ITEM_SD, noise=0.15, seed=seed)
