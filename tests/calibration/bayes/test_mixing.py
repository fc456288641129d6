"""R-hat and ESS beside ArviZ's, and the gate that stands on them."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from calibration.bayes import diagnostics
from calibration.bayes.mixing import mixing


def chains(n: int, rho: float, *, parameters: int = 70, seed: int = 0) -> np.ndarray:
    """Draw autoregressive chains; some stand beside the others, some repeat their draws."""
    noise = np.random.default_rng(seed).standard_normal((4, n, parameters))
    x = noise.copy()
    for t in range(1, n):
        x[:, t] = rho * x[:, t - 1] + noise[:, t]
    x[1, :, :20] += 0.4
    x[:, 1::3, 20:40] = x[:, : 3 * len(x[0, 1::3]) : 3, 20:40]
    return x


@pytest.mark.parametrize(("n", "rho"), [(1000, 0.0), (1000, 0.5), (1000, 0.97), (1000, -0.5), (333, 0.8)])
def test_the_figures_are_those_of_arviz(n, rho):
    x = chains(n, rho)
    found = mixing(x, cores=2)
    axes = {"chain_axis": 0, "draw_axis": 1}
    np.testing.assert_allclose(found.rhat, array_stats.rhat(x, **axes), rtol=1e-12)
    np.testing.assert_allclose(found.ess_bulk, array_stats.ess(x, **axes, method="bulk"), rtol=1e-11)
    np.testing.assert_allclose(found.ess_tail, array_stats.ess(x, **axes, method="tail", prob=(0.05, 0.95)), rtol=1e-11)


def gate(x: np.ndarray) -> diagnostics.Diagnostics:
    energy = np.random.default_rng(1).standard_normal(x.shape[:2])
    quiet = np.zeros(x.shape[:2], dtype=int)
    return diagnostics.check({"x": x}, {"energy": energy, "diverging": quiet, "depth": quiet + 3}, max_depth=10)


def test_the_worst_of_all_elements_decides():
    x = np.random.default_rng(2).standard_normal((4, 1000, 3, 40))
    assert gate(x).passed
    x[2, :, 1, 17] += 1.0
    assert not gate(x).passed
    assert gate(x).max_rhat > 1.05


def test_constants_are_no_parameters_and_nothing_undefined_passes():
    x = np.random.default_rng(3).standard_normal((4, 1000, 5))
    x[:, :, 2] = 1.5
    found = gate(x)
    assert found.passed
    assert found.n_parameters == 4
    x[0, 3, 4] = np.nan
    assert not gate(x).passed
