import numpy as np
import pytest

from calibration.validity import planning, ppi, rogan_gladen


def test_the_formula_on_a_table_worked_by_hand():
    human, judged, rest = [1.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0]
    found = ppi.mean(human, judged, rest, weight=1.0)
    assert found.powered.value == pytest.approx(0.75 + 0.75 - 0.5)
    assert found.human_only.value == 0.75
    # var(Y - f)/4 + var(f)/4 with Y - f = 0, 0, 1, 0
    assert found.powered.width == pytest.approx(2 * 1.6448536 * np.sqrt(0.25 / 4 + 0.25 / 4))


def test_without_a_judge_the_estimate_is_that_of_people():
    found = ppi.mean([1, 0, 1, 1, 0], [1, 0, 0, 1, 0], [1, 1, 0], weight=0.0)
    assert found.powered.value == found.human_only.value
    assert found.gain == pytest.approx(0)
    alone = ppi.mean([1, 0, 1, 1, 0], [1, 0, 0, 1, 0], [])
    assert alone.powered.width == alone.human_only.width


def test_one_label_gives_no_interval_and_a_gap_is_refused():
    assert ppi.mean([1], [1], [0, 1]).powered.undefined_reason
    with pytest.raises(ValueError, match="finite"):
        ppi.mean([1, np.nan], [1, 0], [1])


def win_scores(frame, system: str = "gpt-4"):
    """Return the human and the judge's win score of a system on each item where both judged it."""
    own = frame[(frame["system_a"] == system) | (frame["system_b"] == system)]
    sign = np.where(own["system_a"] == system, 1.0, -1.0)
    score = 0.5 + 0.5 * sign * own["outcome"].map({"a": 1.0, "tie": 0.0, "b": -1.0}).to_numpy()
    table = own.assign(score=score).pivot_table(index="item", columns="annotator_kind", values="score", aggfunc="mean")
    return table.dropna()


def test_mt_bench_as_the_reference_has_it(mt_bench_keys):
    """GPT-4 as judge of gpt-4's own win score, 100 of 578 items labeled, 400 splits, 90% intervals."""
    table = win_scores(mt_bench_keys)
    assert len(table) == 578
    human, judged = table["human"].to_numpy(), table["judge"].to_numpy()
    rng, widths, covers = np.random.default_rng(0), [], []
    for _ in range(400):
        order = rng.permutation(len(human))
        labeled, rest = order[:100], order[100:]
        split = [ppi.mean(human[labeled], judged[labeled], judged[rest], weight=w) for w in (None, 1.0)]
        estimates = [split[0].human_only, split[1].powered, split[0].powered]
        widths.append([estimate.width for estimate in estimates])
        covers.append([estimate.ci_low <= human.mean() <= estimate.ci_high for estimate in estimates])
    assert np.mean(widths, axis=0) == pytest.approx([0.1131, 0.1310, 0.1085], abs=0.0015)
    assert np.mean(covers, axis=0) == pytest.approx([0.92, 0.895, 0.91], abs=0.035)


@pytest.mark.parametrize(
    ("truth", "specificity", "sensitivity"), [(0.6, 0.7, 0.9), (0.6, 0.85, 0.85), (0.3, 0.6, 0.95)]
)
def test_the_judge_alone_never_covers_and_ppi_does(truth, specificity, sensitivity):
    """Simulate 200 human labels and 5,000 of the judge: nominal 95%."""
    rng, naive, powered, corrected = np.random.default_rng(7), 0, 0, 0
    for _ in range(1000):
        label = rng.random(5200) < truth
        judged = np.where(label, rng.random(5200) < sensitivity, rng.random(5200) > specificity)
        found = ppi.mean(label[:200], judged[:200], judged[200:], level=0.95).powered
        powered += found.ci_low <= truth <= found.ci_high
        share = judged.mean()
        naive += abs(share - truth) < 1.96 * np.sqrt(share * (1 - share) / 5200)
        positive = rng.random(100) < sensitivity
        negative = rng.random(100) < specificity
        rate = rogan_gladen.rate(judged[200:].mean(), 5000, positive.mean(), 100, negative.mean(), 100, level=0.95)
        corrected += rate.ci_low is not None and rate.ci_low <= truth <= rate.ci_high
    assert naive / 1000 < 0.05
    assert 0.92 <= powered / 1000 <= 0.97
    assert 0.92 <= corrected / 1000 <= 0.98


def test_rogan_gladen_as_the_reference_has_it():
    found = rogan_gladen.rate(0.5, 1000, 0.9, 100, 0.8, 100, level=0.6826894921370859)
    assert found.value == pytest.approx(0.428571, abs=1e-6)
    assert (found.ci_high - found.ci_low) / 2 == pytest.approx(0.043747, abs=1e-6)


def test_rogan_gladen_refuses_a_judge_that_knows_nothing():
    assert "hardly exceed chance" in rogan_gladen.rate(0.5, 1000, 0.55, 100, 0.5, 100).undefined_reason


def test_a_plan_is_never_dearer_than_people_alone_and_keeps_its_promise():
    for correlation in (0.0, 0.3, 0.8):
        found = planning.plan(width=0.1, human_cost=1.0, judge_cost=0.01, correlation=correlation)
        assert found.width <= 0.1 + 1e-9
        assert found.cost <= found.human_only_cost
        assert found.human_only_n == 271
    assert found.saving > 0.4
    assert planning.plan(width=0.1, human_cost=1.0, judge_cost=0.01, correlation=0.0).n_judge_only == 0
    # A judge as dear as a person is not asked.
    assert planning.plan(width=0.1, human_cost=1.0, judge_cost=1.0, correlation=0.5).n_judge_only == 0


def test_a_plan_that_cannot_be_kept_is_refused():
    with pytest.raises(planning.CannotReach, match="Even 100"):
        planning.plan(width=0.01, human_cost=1, judge_cost=0.1, correlation=0.5, most_items=100)


def test_planned_widths_are_those_of_the_estimator():
    """Draw labels as planned and compare the interval with the promise."""
    found = planning.plan(width=0.1, human_cost=1.0, judge_cost=0.01, correlation=0.6)
    rng = np.random.default_rng(3)
    n, total = found.n_human, found.n_human + found.n_judge_only
    base = rng.normal(size=total)
    human = 0.5 * base
    judged = 0.6 * base + 0.8 * rng.normal(size=total)
    result = ppi.mean(human[:n], judged[:n], judged[n:])
    assert result.powered.width == pytest.approx(0.1, rel=0.12)
