"""Judgments drawn anew from a chain's state, for the same annotators on new items of the same sizes."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from calibration.bayes.labeling.compiled import TINY, choose, compiled, fill_dirichlet


@compiled
def replicate(rng, start, annotator, weight, share, spread, soft, label):
    """Write labels of new items: confusion matrices and classes (or the items' shares of them) are drawn afresh."""
    n_annotators, n_labels, _ = weight.shape
    confusion, shape = np.empty((n_annotators, n_labels, n_labels)), np.empty(n_labels)
    for j in range(n_annotators):
        for k in range(n_labels):
            for y in range(n_labels):
                shape[y] = max(weight[j, y, k], TINY)
            fill_dirichlet(rng, shape, confusion[j, k])
    reading = np.empty(n_labels)
    for k in range(n_labels):
        shape[k] = max(spread * share[k], TINY)
    for i in range(start.size - 1):
        truth = choose(rng, share, 1.0)
        if soft:
            fill_dirichlet(rng, shape, reading)
        for n in range(start[i], start[i + 1]):
            k = choose(rng, reading, 1.0) if soft else truth
            label[n] = choose(rng, confusion[annotator[n], k], 1.0)
