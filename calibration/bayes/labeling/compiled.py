"""How this room's loops are compiled, and draws that several of them make."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba
import numpy as np

compiled = numba.njit(error_model="numpy", nogil=True, fastmath={"contract", "arcp", "nsz", "reassoc"})
TINY = 1e-10


@compiled
def choose(rng, weight, total):
    """Draw an index with probability weight / total."""
    point = rng.random() * total
    last = weight.size - 1
    for k in range(last):
        point -= weight[k]
        if point < 0.0:
            return k
    return last


@compiled
def find(below, point):
    """Find the first index whose cumulated weight exceeds the point."""
    low, high = 0, below.size - 1
    while low < high:
        middle = (low + high) // 2
        if below[middle] > point:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def tables(rng, customers, weight):
    """Draw the number of tables that customers fill in a Chinese restaurant of the given concentration."""
    count = 0
    for seated in range(customers):
        if rng.random() * (weight + seated) < weight:
            count += 1
    return count


@compiled
def fill_dirichlet(rng, shape, out):
    """Write a Dirichlet draw; a part is never smaller than TINY."""
    total = 0.0
    for k in range(shape.size):
        out[k] = max(rng.standard_gamma(shape[k]), TINY)
        total += out[k]
    for k in range(shape.size):
        out[k] = max(out[k] / total, TINY)


@compiled
def log_beta(rng, a, b):
    """Draw the logarithm of a Beta variate."""
    x = max(rng.standard_gamma(float(a)), 1e-300)
    return np.log(x / (x + rng.standard_gamma(float(b))))
