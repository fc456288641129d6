import csv

import numpy as np
import pandas as pd
import pytest

from calibration.validity import alpaca_eval


def test_the_null_model_of_the_public_leaderboard_is_caught(data_dir):
    with (data_dir / "alpaca_eval" / "alpaca_eval_2_leaderboard.csv").open(newline="") as file:
        rows = alpaca_eval.leaderboard(csv.DictReader(file))
    assert len(rows) == 223
    flagged = [row for row in rows if row.is_breach]
    assert [row.system for row in flagged] == ["NullModel"]
    assert (round(flagged[0].win_rate, 2), round(flagged[0].length_controlled, 2)) == (76.92, 86.46)
    assert rows[0].length_controlled == max(row.length_controlled or 0 for row in rows)


def test_a_constant_response_that_loses_is_no_breach():
    (row,) = alpaca_eval.leaderboard([{"": "NullModel", "win_rate": "0.4", "n_total": "805"}])
    assert (row.is_sentinel, row.is_breach) == (True, False)
    with pytest.raises(alpaca_eval.NotALeaderboard):
        alpaca_eval.leaderboard([{"": "x", "win_rate": "high", "n_total": "1"}])


def test_constant_systems_are_found_under_any_name():
    texts = {"quiet": ["I am ready."] * 12, "short": ["no"] * 3, "real": [f"answer {n}" for n in range(12)]}
    assert alpaca_eval.constant_systems(texts) == ["quiet"]


def test_length_control_takes_out_what_length_alone_wins():
    rng = np.random.default_rng(0)
    gap = rng.normal(300, 200, 2000)
    wins = rng.random(2000) < 1 / (1 + np.exp(-2 * np.tanh(gap / gap.std())))
    assert wins.mean() > 0.75
    assert alpaca_eval.length_controlled_rate(wins, gap) == pytest.approx(0.5, abs=0.06)
    assert alpaca_eval.length_controlled_rate(wins, np.zeros(2000)) == pytest.approx(wins.mean(), abs=0.01)


def test_the_evaluators_columns_on_a_judge_known_by_hand():
    rows = [
        (str(n), who, kind, "a", "ab", 100.0, 10.0) for n in range(20) for who, kind in (("p", "human"), ("j", "judge"))
    ]
    rows += [(str(n), "j", "judge", "b" if n < 10 else "a", "ba", 100.0, 10.0) for n in range(20)]
    columns = ["item", "annotator", "annotator_kind", "outcome", "shown_order", "length_a", "length_b"]
    found = alpaca_eval.evaluator(pd.DataFrame(rows, columns=columns), "j")
    values = {name: estimate.value for name, estimate in found.items()}
    assert values == {"agreement": 0.75, "bias": 0.0, "variance": 0.25, "longer": 0.75, "first": 0.75}
    assert all(estimate.ci_low <= estimate.value <= estimate.ci_high for estimate in found.values())
