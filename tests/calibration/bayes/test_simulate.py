import numpy as np
import pytest

from calibration.bayes import planning, simulate
from calibration.bayes.simulate import Person


def test_a_seed_fixes_a_campaign():
    people = simulate.panel(5, 1, np.random.default_rng(1))
    first, second = (simulate.campaign(people, seed=3).frame for _ in range(2))
    assert first.equals(second)
    assert not first.equals(simulate.campaign(people, seed=4).frame)


def test_judges_see_every_item_in_both_orders_and_people_their_share():
    people = (Person("h1"), Person("h2"), Person("h3"), Person("j", kind="judge"))
    frame = simulate.campaign(people, seed=1, systems=3, prompts=10, overlap=2).frame
    judged = frame[frame["annotator"] == "j"].groupby("item")["shown_order"].agg(set)
    assert len(judged) == 30
    assert all(orders == {"ab", "ba"} for orders in judged)
    assert (frame[frame["annotator_kind"] == "human"].groupby("item").size() == 2).all()


def test_answers_follow_quality_position_and_tie_width():
    people = (Person("sharp", 3.0), Person("first", 0.0, 4.0), Person("tier", 1.0, 0.0, 6.0))
    drawn = simulate.campaign(people, seed=2, systems=2, prompts=400, overlap=3, item_sd=0.0, strength_sd=2.0)
    frame = drawn.frame
    gap = drawn.strength["system-00"] - drawn.strength["system-01"]
    sharp = frame[frame["annotator"] == "sharp"]["outcome"]
    assert (sharp == ("a" if gap > 0 else "b")).mean() > 0.9
    first = frame[frame["annotator"] == "first"]
    shown = first["shown_order"].map({"ab": "a", "ba": "b"})
    assert (first["outcome"] == shown).mean() > 0.95
    assert (frame[frame["annotator"] == "tier"]["outcome"] == "tie").mean() > 0.9


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
