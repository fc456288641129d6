"""Simulation-based calibration: truth drawn from the PyMC definition ranks evenly among the draws of its own fit."""

import json
import os
from collections import defaultdict

import numpy as np
import pytest
from scipy.stats import binom, chisquare

from calibration.bayes import sampling
from calibration.bayes.data import comparison_data
from tests.calibration.bayes import prior_drawn

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]
SETS = int(os.environ.get("SBC_SETS", "200"))
BINS = 10


def ranked(*, contaminated: bool) -> tuple[dict[str, list[float]], int]:
    """Rank one element of each family a set, drawn at random; count the sets whose fit missed its gate."""
    rng, found, missed = np.random.default_rng(5), defaultdict(list), 0
    for k, one in enumerate(prior_drawn.sets(SETS, seed=20 + contaminated, contaminated=contaminated)):
        fit = sampling.fit(comparison_data(one.frame), seed=k)
        missed += not fit.diagnostics.passed
        if not fit.diagnostics.passed:
            continue
        for name, ranks in prior_drawn.ranks(fit, one.truth).items():
            if (known := ranks[~np.isnan(ranks)]).size:
                found[name].append(float(rng.choice(known)))
    return found, missed


def covered(ranks: list[float]) -> int:
    """Count truths inside the 90% interval: ranks 5 to 94 of 0 to 99."""
    return int(sum(prior_drawn.RANKED * 0.05 < rank < prior_drawn.RANKED * 0.95 for rank in ranks))


@pytest.mark.parametrize("contaminated", [False, True], ids=["as the model", "with spammers and adversaries"])
def test_truth_ranks_evenly_and_intervals_cover(contaminated):
    found, missed = ranked(contaminated=contaminated)
    figures = {}
    for name, ranks in found.items():
        counts = np.histogram(ranks, bins=BINS, range=(0, prior_drawn.RANKED + 1))[0]
        figures[name] = {
            "n": len(ranks),
            "covered": covered(ranks),
            "band": binom.interval(0.997, len(ranks), 0.9),
            "p_uniform": float(chisquare(counts).pvalue),
        }
    print(json.dumps({"sets": SETS, "missed": missed, "figures": figures}))
    for name, figure in figures.items():
        low, high = figure["band"]
        assert low <= figure["covered"] <= high, (name, figure)
        assert contaminated or figure["p_uniform"] > 0.01 / len(figures), (name, figure)
