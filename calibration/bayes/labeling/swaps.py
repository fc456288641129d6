"""Proposals that exchange two classes everywhere: they free a chain whose classes are named the wrong way round."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from math import lgamma

import numpy as np

from calibration.bayes.labeling.compiled import compiled

MOST_PAIRS = 190


@compiled
def propose(rng, counts, skill, concentration, favorite, error, shared, name):
    """Try to exchange each pair of classes (of many classes, some pairs drawn at random).

    Rows of ``counts`` and ``error`` are exchanged in place; ``name[k]`` is the new name of class k. A proposal is
    accepted by the ratio of the Dirichlet-multinomial likelihoods of the two rows; only the anchor of the diagonal
    tells them apart.
    """
    n_labels = name.size
    n_pairs = n_labels * (n_labels - 1) // 2
    accepted = 0
    if n_pairs <= MOST_PAIRS:
        for k in range(n_labels):
            for other in range(k):
                accepted += _try(rng, k, other, counts, skill, concentration, favorite, error, shared, name)
    else:
        for _ in range(MOST_PAIRS):
            k, other = int(rng.random() * n_labels), int(rng.random() * n_labels)
            if k != other:
                accepted += _try(rng, k, other, counts, skill, concentration, favorite, error, shared, name)
    return accepted


@compiled
def _try(rng, k, other, counts, skill, concentration, favorite, error, shared, name):
    gain = 0.0
    for j in range(skill.size):
        for row, new in ((k, other), (other, k)):
            for y in (k, other):
                m = counts[j, y, row]
                if m > 0:
                    lapse = shared * error[row, y] + (1.0 - shared) * favorite[j, y]
                    rest = concentration[j] * (1.0 - skill[j]) * lapse
                    anchor = concentration[j] * skill[j]
                    after = rest + (anchor if y == new else 0.0)
                    before = rest + (anchor if y == row else 0.0)
                    gain += lgamma(after + m) - lgamma(after) - lgamma(before + m) + lgamma(before)
    if np.log(max(rng.random(), 1e-300)) >= gain:
        return 0
    for j in range(skill.size):
        for y in range(name.size):
            counts[j, y, k], counts[j, y, other] = counts[j, y, other], counts[j, y, k]
    for y in range(name.size):
        error[k, y], error[other, y] = error[other, y], error[k, y]
    for one in range(name.size):
        if name[one] == k:
            name[one] = other
        elif name[one] == other:
            name[one] = k
    return 1


@compiled
def rename(name, classes):
    """Give every class index its new name, in place."""
    for n in range(classes.size):
        classes[n] = name[classes[n]]
