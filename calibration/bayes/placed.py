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
def place(raw, mu, sigma, log_unit, precision, weighted, weight, stretch):
    """Return the latent number and the logarithm of its Jacobian."""
    unit = math.exp(log_unit)
    prior = weight * (unit / sigma) ** 2
    total = precision + prior
    spread, log_spread = raw, 0.0
    if stretch > 0.0:
        spread, log_spread = math.sinh(stretch * raw) / stretch, math.log(math.cosh(stretch * raw))
    value = (unit * (weighted + spread * math.sqrt(total)) + mu * prior) / total
    return value, log_unit + log_spread - 0.5 * math.log(total)


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def unplace(d_value, raw, mu, sigma, log_unit, precision, weighted, weight, stretch):
    """Return the derivatives by raw, mu, sigma, log_unit, precision and weighted, the Jacobian's included."""
    unit = math.exp(log_unit)
    prior = weight * (unit / sigma) ** 2
    total = precision + prior
    root = math.sqrt(total)
    spread, d_spread, d_log_spread = raw, 1.0, 0.0
    if stretch > 0.0:
        spread, d_spread = math.sinh(stretch * raw) / stretch, math.cosh(stretch * raw)
        d_log_spread = stretch * math.tanh(stretch * raw)
    pulled = unit * (weighted + spread * root)
    by_total = -(pulled + mu * prior) / total**2 + 0.5 * unit * spread / (root * total)
    d_total = d_value * by_total - 0.5 / total
    d_prior = d_total + d_value * mu / total
    return (
        d_value * d_spread * unit / root + d_log_spread,
        d_value * prior / total,
        -2.0 * d_prior * prior / sigma,
        d_value * pulled / total + 2.0 * d_prior * prior + 1.0,
        d_total,
        d_value * unit / total,
    )


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def normal(value, mu, sigma):
    """Return the normal log-density up to a constant, and its derivatives by value and sigma; by mu it is -value's."""
    z = (value - mu) / sigma
    return -0.5 * z * z - math.log(sigma), -z / sigma, (z * z - 1.0) / sigma


@numba.njit(fastmath=_FAST, error_model="numpy", nogil=True)
def student(value, mu, sigma, nu):
    """Return the Student-t log-density up to a constant, and its derivatives by value and sigma."""
    z = (value - mu) / sigma
    pull = (nu + 1.0) * z / (nu + z * z)
    return -0.5 * (nu + 1.0) * math.log1p(z * z / nu) - math.log(sigma), -pull / sigma, (pull * z - 1.0) / sigma
