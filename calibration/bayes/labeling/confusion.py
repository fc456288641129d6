"""Class assignments under an annotator's own confusion matrix, the matrix integrated out.

``weight[j, y, k]`` is the number of judgments y of annotator j where the class was k, plus the prior's weight;
``total[j, k]`` sums it over y. Their ratio is the predictive probability of y.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from calibration.bayes.labeling.compiled import choose, compiled

_SMALL = 1e-200


@compiled
def assign_clean(rng, start, annotator, label, truth, class_count, prior, weight, total, q):
    """Renew the class of every item and write its conditional class probabilities into q."""
    n_labels = class_count.size
    chance = np.empty(n_labels)
    for i in range(start.size - 1):
        first, end = start[i], start[i + 1]
        _move(annotator, label, first, end, truth[i], -1.0, weight, total)
        class_count[truth[i]] -= 1
        for k in range(n_labels):
            chance[k] = class_count[k] + prior
        for n in range(first, end):
            same, seen = _earlier(annotator, label, first, n)
            j, y = annotator[n], label[n]
            size = 0.0
            for k in range(n_labels):
                chance[k] *= (weight[j, y, k] + same) / (total[j, k] + seen)
                size += chance[k]
            if size < _SMALL:
                for k in range(n_labels):
                    chance[k] /= size
        size = 0.0
        for k in range(n_labels):
            size += chance[k]
        for k in range(n_labels):
            q[i, k] = chance[k] / size
        truth[i] = choose(rng, chance, size)
        class_count[truth[i]] += 1
        _move(annotator, label, first, end, truth[i], 1.0, weight, total)


@compiled
def _move(annotator, label, first, end, k, by, weight, total):
    for n in range(first, end):
        weight[annotator[n], label[n], k] += by
        total[annotator[n], k] += by


@compiled
def _earlier(annotator, label, first, n):
    """Count an annotator's earlier rows on the same item (rows are sorted by annotator), and those of one label."""
    same, seen, other = 0, 0, n - 1
    while other >= first and annotator[other] == annotator[n]:
        seen += 1
        same += label[other] == label[n]
        other -= 1
    return same, seen


@compiled
def assign_soft(rng, start, annotator, label, read, share, spread, weight, total, q, recording):
    """Renew what each judgment read in its item; where recording, write the items' class probabilities into q."""
    n_labels = share.size
    count, chance, inverse = np.empty(n_labels), np.empty(n_labels), np.empty(total.shape)
    for j in range(total.shape[0]):
        for k in range(n_labels):
            inverse[j, k] = 1.0 / total[j, k]
    for i in range(start.size - 1):
        first, end = start[i], start[i + 1]
        for k in range(n_labels):
            count[k] = spread * share[k]
        for n in range(first, end):
            count[read[n]] += 1.0
        for n in range(first, end):
            j, y, k = annotator[n], label[n], read[n]
            count[k] -= 1.0
            weight[j, y, k] -= 1.0
            total[j, k] -= 1.0
            inverse[j, k] = 1.0 / total[j, k]
            size = 0.0
            for k in range(n_labels):
                chance[k] = count[k] * weight[j, y, k] * inverse[j, k]
                size += chance[k]
            k = choose(rng, chance, size)
            read[n] = k
            count[k] += 1.0
            weight[j, y, k] += 1.0
            total[j, k] += 1.0
            inverse[j, k] = 1.0 / total[j, k]
        if recording:
            for k in range(n_labels):
                q[i, k] = count[k] / (end - first + spread)


@compiled
def tally(annotator, label, read, counts):
    """Count judgments: counts[j, y, k] of annotator j, label y, class k."""
    counts[:] = 0
    for n in range(label.size):
        counts[annotator[n], label[n], read[n]] += 1


@compiled
def weigh(counts, skill, concentration, favorite, error, shared, weight, total):
    """Write the Dirichlet weights, counts plus prior, and their sums."""
    n_annotators, n_labels = favorite.shape
    for j in range(n_annotators):
        lapse = 1.0 - skill[j]
        for k in range(n_labels):
            total[j, k] = 0.0
        for y in range(n_labels):
            own = lapse * (1.0 - shared) * favorite[j, y]
            for k in range(n_labels):
                base = own + lapse * shared * error[k, y] + (skill[j] if y == k else 0.0)
                weight[j, y, k] = counts[j, y, k] + concentration[j] * base
                total[j, k] += weight[j, y, k]


@compiled
def score(item, annotator, label, q, weight, total, out):
    """Add the posterior predictive probability of unseen judgments."""
    for n in range(item.size):
        j, y = annotator[n], label[n]
        for k in range(q.shape[1]):
            out[n] += q[item[n], k] * weight[j, y, k] / total[j, k]
