import numpy as np

from calibration.bayes.labeling import gate
from calibration.bayes.labeling.records import Halves


class Chain:
    """Stands for a record of 200 draws of 50 items' probabilities and 5 annotators' accuracies."""

    def __init__(self, rng, shift=0.0, items=50, noise=0.1):
        self.q, self.skill = Halves((items, 2)), Halves((5,))
        self.traces = []
        for draw in range(200):
            self.q.add(draw // 100, np.clip(0.5 + shift + noise * rng.standard_normal((items, 2)), 0, 1))
            self.skill.add(draw // 100, 0.8 + shift + 0.05 * rng.standard_normal(5))
            self.traces.append(rng.standard_normal(3))


def test_chains_of_one_distribution_pass():
    rng = np.random.default_rng(1)
    found = gate.check([Chain(rng), Chain(rng)], 200)
    assert found.passed
    assert found.rhat_skill < 1.05


def test_chains_apart_fail_with_reasons():
    rng = np.random.default_rng(1)
    found = gate.check([Chain(rng), Chain(rng, shift=0.3)], 200)
    assert not found.passed
    assert "class probabilities" in found.reasons[0]
    assert "accuracy" in found.reasons[1]
    assert found.gap_class > 0.25


def test_differences_too_small_to_matter_pass_though_chains_hardly_move():
    rng = np.random.default_rng(1)
    pair = [Chain(rng, noise=1e-4), Chain(rng, noise=1e-4)]
    pair[1].q.sum += np.float32(0.04 * 100)
    pair[1].q.square += np.float32((2 * 0.5 * 0.04 + 0.04**2) * 100)
    assert gate.check(pair, 200).passed
