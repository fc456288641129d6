import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from calibration.bayes import bradley_terry, leaderboard, population, votes_to_flip
from calibration.bayes.data import comparison_data
from calibration.bayes.protocol import Protocol
from tests.calibration.bayes.known_fits import true_fit

PROTOCOL = Protocol("abc", "1", "regular")


def drawn_with(seed=1, **given):
    people = population.members(12, seed=seed)
    return population.campaign(people, seed=seed + 50, **({"systems": 5, "prompts": 12, "overlap": 3} | given))


def board_of(drawn, frame=None):
    fit = true_fit(drawn, comparison_data(drawn.frame if frame is None else frame), noise=0.1)
    return leaderboard.leaderboard(dataclasses.replace(fit, diagnostics=SimpleNamespace(passed=True)), PROTOCOL)


def tally(a, b, counts, start=0):
    """Write a pair's outcomes as rows."""
    outcomes = [side for side, count in zip(("a", "tie", "b"), counts, strict=True) for _ in range(count)]
    rows = [{"item": f"{a}{b}{start + k}", "system_a": a, "system_b": b, "outcome": o} for k, o in enumerate(outcomes)]
    return pd.DataFrame(rows).assign(annotator="one")


def test_of_two_systems_the_fewest_judgments_are_known():
    data = comparison_data(tally("a", "b", (30, 5, 20)))
    found = votes_to_flip.flip(data, "a", "b")
    assert found.n == 11
    assert found.removed == (("a", "b", "a", 11),)
    assert found.gap_before > 0 > found.gap_after


def test_the_flip_is_verified_by_a_refit_from_scratch_and_one_fewer_would_not_do():
    data = comparison_data(drawn_with(systems=4, prompts=15).frame)
    plain = fit_of(data, [])
    order = np.argsort(-plain.strength)
    for first, second in zip(order[:-1], order[1:], strict=True):
        found = votes_to_flip.flip(data, data.systems[first], data.systems[second])
        gone = fit_of(data, found.removed)
        assert gone.strength[first] < gone.strength[second]
        assert gone.strength[first] - gone.strength[second] == pytest.approx(found.gap_after, abs=1e-6)
        assert 0 < found.n < 0.6 * data.n_judgments


def fit_of(data, removed):
    """Fit the plain scale to the rows left, cell by cell, from the start."""
    side = {"a": 0, "tie": 1, "b": 2}
    weight = np.ones(data.n_judgments)
    names = np.array(data.systems)
    a, b = data.item_system_a[data.item], data.item_system_b[data.item]
    for system_a, system_b, outcome, count in removed:
        cell = (names[a] == system_a) & (names[b] == system_b) & (data.outcome == side[outcome])
        weight[np.flatnonzero(cell)[:count]] = 0.0
    return bradley_terry.fit(a, b, data.outcome, weight, len(names))


def test_greedy_removal_is_no_worse_than_the_best_of_small_searches():
    """On three systems, compare with every way of removing judgments from two cells."""
    frame = pd.concat([tally("a", "b", (6, 1, 4)), tally("b", "c", (5, 1, 4)), tally("a", "c", (6, 0, 5))])
    data = comparison_data(frame)
    found = votes_to_flip.flip(data, "a", "b")
    cells = [(*pair, side, n) for pair, counts in _counts(data).items() for side, n in counts.items()]
    fewest = min(
        i + j
        for one in cells
        for other in cells
        if one < other
        for i in range(min(one[3], found.n) + 1)
        for j in range(min(other[3], found.n - i) + 1)
        if _flips(data, (one, i), (other, j))
    )
    assert found.n <= fewest + 1


def _counts(data):
    names = data.systems
    table: dict[tuple[str, str], dict[str, int]] = {}
    for item, outcome in zip(data.item, data.outcome, strict=True):
        pair = (names[data.item_system_a[item]], names[data.item_system_b[item]])
        side = ("a", "tie", "b")[outcome]
        table.setdefault(pair, {})[side] = table.get(pair, {}).get(side, 0) + 1
    return table


def _flips(data, *taken):
    left = fit_of(data, [(*cell[:3], n) for cell, n in taken])
    return left.strength[0] < left.strength[1]


def test_systems_that_never_met_are_not_ranked_across():
    drawn = drawn_with()
    other = drawn.frame.assign(
        item="x" + drawn.frame["item"], system_a="x" + drawn.frame["system_a"], system_b="x" + drawn.frame["system_b"]
    )
    data = comparison_data(pd.concat([drawn.frame, other], ignore_index=True))
    assert data.n_components == 2
    fit = true_fit(drawn, comparison_data(drawn.frame), noise=0.1)
    twice = {
        "strength": np.concatenate([fit.draws["strength"]] * 2, axis=2),
        "quality": np.concatenate([fit.draws["quality"]] * 2, axis=2),
    }
    fit = dataclasses.replace(fit, data=data, draws=fit.draws | twice, diagnostics=SimpleNamespace(passed=True))
    board = leaderboard.leaderboard(fit, PROTOCOL)
    assert board.n_components == 2
    assert board.systems.groupby("component")["place"].max().tolist() == [5, 5]
    assert board.systems["flips_with"].isna().sum() == 2
    part = board.systems.set_index("system")["component"]
    assert all(part[one.first] == part[one.second] for one in board.flips)
    pairs = board.win_probability
    assert (pairs["system_1"].map(part) == pairs["system_2"].map(part)).all()
    with pytest.raises(ValueError, match="never connected"):
        votes_to_flip.flip(data, "system-00", "xsystem-00")


def test_rank_probabilities_add_up_both_ways():
    board = board_of(drawn_with())
    np.testing.assert_allclose(board.ranks.groupby("system")["probability"].sum(), 1.0)
    np.testing.assert_allclose(board.ranks.groupby("rank")["probability"].sum(), 1.0)
    best = board.ranks[board.ranks["rank"] == 1].set_index("system")["probability"]
    table = board.systems.set_index("system")
    np.testing.assert_allclose(best.reindex(table.index), table["p_best"])
    assert table["strength"].is_monotonic_decreasing


def test_a_lead_that_the_plain_scale_does_not_see_says_so():
    data = comparison_data(tally("a", "b", (10, 2, 20)))
    found = votes_to_flip.flip(data, "a", "b")
    assert found.n == 0
    assert "other order" in found.reason
    with pytest.raises(ValueError, match="Unknown system"):
        votes_to_flip.flip(data, "a", "z")


def test_row_order_and_names_change_only_the_names():
    frame = drawn_with(systems=3).frame
    data = comparison_data(frame)
    shuffled = comparison_data(frame.sample(frac=1, random_state=5))
    new = {f"system-{k:02d}": f"system-{2 - k:02d}" for k in range(3)}
    renamed = comparison_data(frame.assign(system_a=frame["system_a"].map(new), system_b=frame["system_b"].map(new)))
    order = [data.systems[k] for k in np.argsort(-fit_of(data, []).strength)]
    for first, second in zip(order[:-1], order[1:], strict=True):
        found = votes_to_flip.flip(data, first, second)
        assert found == votes_to_flip.flip(shuffled, first, second)
        assert found.n == votes_to_flip.flip(renamed, new[first], new[second]).n
