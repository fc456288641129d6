"""Gibbs steps for what the class assignments depend on: habits of annotators, groups, shared errors, items' spread."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from math import lgamma

import numpy as np

from calibration.bayes.labeling.compiled import TINY, compiled, fill_dirichlet, log_beta, tables

STEPS = np.array([0.4, 0.4, 0.2, 0.1, 0.05])


@compiled
def renew_habits(rng, counts, skill, concentration, favorite, error, shared, rate, skilled, lapsed):
    """Renew concentration, favorite answers and shared errors; write each annotator's tables of skill and of lapses.

    ``shared`` and ``rate`` hold one number each and are renewed in place.
    """
    n_annotators, n_labels = favorite.shape
    errors, own = np.ones((n_labels, n_labels)), np.empty(n_labels)
    n_shared, n_own = 0.0, 0.0
    for j in range(n_annotators):
        log_eta, skilled[j], lapsed[j] = 0.0, 0, 0
        for y in range(n_labels):
            own[y] = 1.0 / n_labels
        for k in range(n_labels):
            judged = 0
            for y in range(n_labels):
                judged += counts[j, y, k]
            if judged == 0:
                continue
            log_eta += log_beta(rng, concentration[j], float(judged))
            for y in range(n_labels):
                if counts[j, y, k] == 0:
                    continue
                common = shared[0] * error[k, y]
                lapse = common + (1.0 - shared[0]) * favorite[j, y]
                anchor = skill[j] if y == k else 0.0
                base = anchor + (1.0 - skill[j]) * lapse
                for _ in range(tables(rng, counts[j, y, k], concentration[j] * base)):
                    if rng.random() * base < anchor:
                        skilled[j] += 1
                        continue
                    lapsed[j] += 1
                    if rng.random() * lapse < common:
                        errors[k, y] += 1.0
                        n_shared += 1.0
                    else:
                        own[y] += 1.0
                        n_own += 1.0
        shape = 1.0 + skilled[j] + lapsed[j]
        concentration[j] = min(max(rng.standard_gamma(shape) / (rate[0] - log_eta), 1e-3), 1e6)
        fill_dirichlet(rng, own, favorite[j])
    for k in range(n_labels):
        fill_dirichlet(rng, errors[k], error[k])
    shared[0] = np.exp(log_beta(rng, 1.0 + n_shared, 1.0 + n_own))
    sum_concentration = 0.0
    for j in range(n_annotators):
        sum_concentration += concentration[j]
    rate[0] = rng.standard_gamma(2.0 + n_annotators) / (20.0 + sum_concentration)


@compiled
def renew_skill(rng, group, skilled, lapsed, mean, size, skill):
    """Renew every annotator's skill and its group's mean and size."""
    for j in range(skill.size):
        m, s = mean[group[j]], size[group[j]]
        drawn = np.exp(log_beta(rng, m * s + skilled[j], (1.0 - m) * s + lapsed[j]))
        skill[j] = min(max(drawn, 1e-6), 1.0 - 1e-6)
    for g in range(mean.size):
        members, up, down = 0, 0.0, 0.0
        for j in range(skill.size):
            if group[j] == g:
                members += 1
                up += np.log(skill[j])
                down += np.log1p(-skill[j])
        logit, log_size = np.log(mean[g] / (1.0 - mean[g])), np.log(size[g])
        here = _group_density(logit, log_size, members, up, down)
        for step in STEPS:
            new_logit, new_log_size = logit + step * rng.standard_normal(), log_size + step * rng.standard_normal()
            there = _group_density(new_logit, new_log_size, members, up, down)
            if np.log(max(rng.random(), 1e-300)) < there - here:
                logit, log_size, here = new_logit, new_log_size, there
        mean[g], size[g] = 1.0 / (1.0 + np.exp(-logit)), np.exp(log_size)


@compiled
def _group_density(logit, log_size, members, up, down):
    if abs(logit) > 12.0 or abs(log_size) > 12.0:
        return -np.inf
    m, s = 1.0 / (1.0 + np.exp(-logit)), np.exp(log_size)
    prior = 2.0 * (np.log(m) + np.log1p(-m)) - 0.5 * (log_size - np.log(5.0)) ** 2
    norm = lgamma(s) - lgamma(m * s) - lgamma((1.0 - m) * s)
    return prior + members * norm + (m * s - 1.0) * up + ((1.0 - m) * s - 1.0) * down


@compiled
def renew_spread(rng, start, read, share, spread):
    """Renew the items' share of each class, in place, and return the renewed spread."""
    n_labels = share.size
    count, shape = np.zeros(n_labels, dtype=np.int64), np.ones(n_labels)
    filled, log_eta = 0, 0.0
    for i in range(start.size - 1):
        first, end = start[i], start[i + 1]
        if end == first:
            continue
        log_eta += log_beta(rng, spread, float(end - first))
        for n in range(first, end):
            count[read[n]] += 1
        for n in range(first, end):
            k = read[n]
            if count[k] > 0:
                new = tables(rng, count[k], max(spread * share[k], TINY))
                filled += new
                shape[k] += new
                count[k] = 0
    fill_dirichlet(rng, shape, share)
    return min(max(rng.standard_gamma(1.0 + filled) / (0.5 - log_eta), 1e-4), 1e4)
