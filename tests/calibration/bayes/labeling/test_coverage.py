"""Intervals of prevalence cover the truth as often as they say."""

import numpy as np
import pytest

from calibration.bayes.labeling.fitting import fit_labels
from tests.calibration.bayes.labeling.worlds import world

WORLDS = 200
# 99.9% binomial band of 200 worlds at 90%, and of the dependent labels and systems a world gives
LOW, HIGH = 0.83, 0.97


@pytest.mark.slow
def test_prevalence_intervals_cover_with_spammers_unequal_annotators_and_a_rare_class():
    shares = ((0.80, 0.15, 0.05), (0.55, 0.43, 0.02))
    hits, items_hits, naive_gap, gap = [], [], [], []
    for seed in range(WORLDS):
        rng = np.random.default_rng(seed)
        accuracy = tuple(rng.uniform(0.6, 0.95, 12))
        drawn = world(rng, items=200, accuracy=accuracy, spammers=2, per_item=5, systems=shares)
        table = fit_labels(drawn.frame, labels=["c0", "c1", "c2"], seed=seed).prevalence
        table = table[table["system"].notna()].reset_index(drop=True)
        true = np.array([shares[int(s[1:])][int(c[1:])] for s, c in zip(table["system"], table["label"], strict=True)])
        system = drawn.frame.drop_duplicates("item").set_index("item")["system"]
        realized = drawn.truth.groupby(system).value_counts(normalize=True)
        here = np.array([realized.get(key, 0.0) for key in zip(table["system"], table["label"], strict=True)])
        hits.append((table["share_low"] <= true) & (true <= table["share_high"]))
        items_hits.append((table["items_low"] <= here) & (here <= table["items_high"]))
        naive_gap.append(np.abs(table["naive"] - true))
        gap.append(np.abs(table["share"] - true))
    assert LOW <= np.mean(hits) <= HIGH, np.mean(hits, axis=0)
    assert np.mean(items_hits) >= LOW, np.mean(items_hits, axis=0)
    assert np.mean(gap) < np.mean(naive_gap)
