"""Read annotators' accuracy, usefulness and favorite answers, and class counts, off a chain's state."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from calibration.bayes.labeling.compiled import TINY, choose, compiled

USELESS_KAPPA = 0.1
FAVORITE_EXCESS = 0.15


@compiled
def draw_confusions(rng, weight, total, share, accuracy, useless, favors, moment, square):
    """Draw every confusion matrix; add its moments, and whether its annotator is useless or favors a label.

    Accuracy is sum_k share_k theta_kk, kappa its excess over chance agreement with the classes' shares.
    """
    n_annotators, n_labels, _ = weight.shape
    given, row = np.empty(n_labels), np.empty(n_labels)
    for j in range(n_annotators):
        accuracy[j] = 0.0
        for y in range(n_labels):
            given[y] = 0.0
        for k in range(n_labels):
            size = 0.0
            for y in range(n_labels):
                row[y] = max(rng.standard_gamma(weight[j, y, k]), TINY)
                size += row[y]
                p = weight[j, y, k] / total[j, k]
                moment[j, y, k] += p
                square[j, y, k] += p * (weight[j, y, k] + 1.0) / (total[j, k] + 1.0)
            for y in range(n_labels):
                given[y] += share[k] * row[y] / size
            accuracy[j] += share[k] * row[k] / size
        chance = 0.0
        for y in range(n_labels):
            chance += share[y] * given[y]
            favors[j, y] += given[y] - share[y] > FAVORITE_EXCESS
        useless[j] += accuracy[j] - chance < USELESS_KAPPA * (1.0 - chance)


@compiled
def read_coins(skill, share, accuracy, useless):
    """Read accuracy and usefulness of annotators with one skill each; such an annotator favors no label."""
    n_labels = share.size
    same = 0.0
    for k in range(n_labels):
        same += share[k] * share[k]
    for j in range(skill.size):
        accuracy[j] = skill[j] + (1.0 - skill[j]) / n_labels
        chance = skill[j] * same + (1.0 - skill[j]) / n_labels
        useless[j] += accuracy[j] - chance < USELESS_KAPPA * (1.0 - chance)


@compiled
def count_clean(truth, cell, counts):
    """Count the classes of each cell of items."""
    for i in range(truth.size):
        counts[cell[i], truth[i]] += 1


@compiled
def count_soft(rng, q, cell, counts):
    """Draw what an error-free reader would say of each item, and count it like ``count_clean``."""
    for i in range(q.shape[0]):
        counts[cell[i], choose(rng, q[i], 1.0)] += 1
