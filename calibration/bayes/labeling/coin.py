"""Class assignments under one skill an annotator: the label is the class with chance skill, else a throw of a die."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from calibration.bayes.labeling.compiled import choose, compiled, find


@compiled
def assign_clean(rng, start, annotator, label, truth, class_count, prior, skill, q):
    """Renew the class of every item and write its conditional class probabilities into q."""
    n_labels = class_count.size
    gain, weight = np.empty(skill.size), np.empty(n_labels)
    for j in range(skill.size):
        gain[j] = np.log1p(skill[j] * n_labels / (1.0 - skill[j]))
    for i in range(start.size - 1):
        class_count[truth[i]] -= 1
        top = 0.0
        for k in range(n_labels):
            weight[k] = 0.0
        for n in range(start[i], start[i + 1]):
            weight[label[n]] += gain[annotator[n]]
            top = max(top, weight[label[n]])
        total, unnamed = 0.0, np.exp(-top)
        for k in range(n_labels):
            weight[k] = (class_count[k] + prior) * (np.exp(weight[k] - top) if weight[k] > 0.0 else unnamed)
            total += weight[k]
        for k in range(n_labels):
            q[i, k] = weight[k] / total
        truth[i] = choose(rng, weight, total)
        class_count[truth[i]] += 1


@compiled
def assign_soft(rng, start, annotator, label, read, share, spread, skill, q, recording):
    """Renew what each judgment read in its item; where recording, write the items' class probabilities into q.

    A judgment that shows skill read its own label; any other read what the item's other judgments read, or a class
    of the prior.
    """
    n_labels = share.size
    below, count = np.empty(n_labels), np.zeros(n_labels)
    mass = 0.0
    for k in range(n_labels):
        mass += share[k]
        below[k] = mass
    for i in range(start.size - 1):
        first, end = start[i], start[i + 1]
        for n in range(first, end):
            count[read[n]] += 1.0
        for n in range(first, end):
            count[read[n]] -= 1.0
            j, y = annotator[n], label[n]
            others = end - first - 1
            shown = skill[j] * (count[y] + spread * share[y])
            lapse = (1.0 - skill[j]) / n_labels * (others + spread)
            if rng.random() * (shown + lapse) < shown:
                read[n] = y
            elif rng.random() * (others + spread) < others:
                other = first + int(rng.random() * others)
                read[n] = read[other if other < n else other + 1]
            else:
                read[n] = find(below, rng.random() * mass)
            count[read[n]] += 1.0
        if recording:
            for k in range(n_labels):
                q[i, k] = (count[k] + spread * share[k]) / (end - first + spread)
        for n in range(first, end):
            count[read[n]] = 0.0


@compiled
def count_skilled(rng, annotator, label, read, skill, n_labels, skilled, judged):
    """Draw for each annotator how many judgments showed skill rather than luck."""
    for j in range(skilled.size):
        skilled[j] = judged[j] = 0
    for n in range(label.size):
        j = annotator[n]
        judged[j] += 1
        if label[n] == read[n] and rng.random() * (skill[j] + (1.0 - skill[j]) / n_labels) < skill[j]:
            skilled[j] += 1


@compiled
def score(item, annotator, label, q, skill, out):
    """Add the posterior predictive probability of unseen judgments."""
    n_labels = q.shape[1]
    for n in range(item.size):
        s = skill[annotator[n]]
        out[n] += s * q[item[n], label[n]] + (1.0 - s) / n_labels
