import numpy as np
import pytest

from calibration.bayes import planning


@pytest.mark.parametrize("width", [0.1, 0.2])
def test_the_planned_number_gives_the_planned_width(width):
    n = planning.judgments_needed(width)
    rng = np.random.default_rng(5)
    p_side = 1 / (1 + np.exp(0.4))
    scores = rng.choice([1.0, 0.5, 0.0], p=[p_side, 1 - 2 * p_side, p_side], size=(20_000, n)).mean(axis=1)
    low, high = np.quantile(scores, [0.05, 0.95])
    assert abs((high - low) - width) < 0.02 * width + 1 / n


def test_an_impossible_width_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        planning.judgments_needed(1.5)
