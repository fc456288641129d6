"""One latent number in coordinates in which its posterior is nearly standard normal, forwards and backwards.

Centered coordinates suit an annotator with many judgments, non-centered ones an annotator with few, and a small
group of judges has a funnel in both. A latent x with prior location mu and scale sigma is written as

    x = u ((h + mu/u / s^2) / (J + 1/s^2) + e / sqrt(J + 1/s^2)),    s = sigma / u

with J and h the precision and the precision-weighted estimate that the judgments alone give for x / u. e is then
close to a standard normal whatever sigma is: J = 0 is non-centered, J >> 1/s^2 is centered. The unit u is the panel's
common scale: qualities times u and discriminations over u give the same judgments and only the hierarchy pins u, a
long narrow ridge through thousands of dimensions, so u is a coordinate of its own. The map is exact for any J and h,
its Jacobian is part of the density: poor numbers cost time, never correctness.

``weight`` is the share of the normal's precision with which a Student-t prior pulls; ``stretch`` shortens its tail:
e = sinh(stretch raw) / stretch.

References
----------
Papaspiliopoulos et al. 2007 (partial non-centering), doi:10.1214/088342307000000014.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numba

_FAST = {"contract", "arcp", "nsz"}


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def place(raw, mu, sigma, unit, precision, weighted, weight, stretch):
    """Return the latent number and its Jacobian."""
    prior = weight * (unit / sigma) ** 2
    total = precision + prior
    root = math.sqrt(total)
    spread, d_spread = _spread(raw, stretch)
    return (unit * (weighted + spread * root) + mu * prior) / total, unit * d_spread / root


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def unplace(d_value, raw, mu, sigma, unit, precision, weighted, weight, stretch):
    """Return the derivatives by raw, mu, sigma, log unit, precision and weighted, the Jacobian's included."""
    prior = weight * (unit / sigma) ** 2
    total = precision + prior
    root, part = math.sqrt(total), 1.0 / total
    spread, d_spread = _spread(raw, stretch)
    pulled = unit * (weighted + spread * root)
    by_total = (0.5 * unit * spread * root - pulled - mu * prior) * part * part
    d_total = d_value * by_total - 0.5 * part
    d_prior = d_total + d_value * mu * part
    return (
        d_value * d_spread * unit * root * part + stretch * stretch * spread / d_spread,
        d_value * prior * part,
        -2.0 * d_prior * prior / sigma,
        d_value * pulled * part + 2.0 * d_prior * prior + 1.0,
        d_total,
        d_value * unit * part,
    )


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def _spread(raw, stretch):
    """Return e and its derivative by raw."""
    if stretch == 0.0:
        return raw, 1.0
    growth = math.exp(stretch * raw)
    return 0.5 * (growth - 1.0 / growth) / stretch, 0.5 * (growth + 1.0 / growth)


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def normal(value, mu, sigma):
    """Return the log of the normal density times sigma up to a constant, and the density's log by value and sigma."""
    z = (value - mu) / sigma
    return -0.5 * z * z, -z / sigma, (z * z - 1.0) / sigma


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def student(value, mu, sigma, nu):
    """Return the same of the Student-t density."""
    z = (value - mu) / sigma
    pull = (nu + 1.0) * z / (nu + z * z)
    return -0.5 * (nu + 1.0) * math.log1p(z * z / nu), -pull / sigma, (pull * z - 1.0) / sigma


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def gathered(logp, product):
    """Take the logarithm of a product of densities into logp before it leaves the numbers; return both."""
    if 1e-100 < product < 1e100:
        return logp, product
    return logp + math.log(product), 1.0
