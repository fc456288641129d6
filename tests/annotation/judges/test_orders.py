import pytest

from annotation.judges import orders
from annotation.judges.parsing import Verdict

KEY = b"campaign key"


def test_round_zero_has_the_seeded_order_and_rounds_are_twice_the_sample_plus_the_order_bit():
    seeded = orders.first_order(KEY, "pair", "judge")
    shown = orders.showings(KEY, "pair", "judge", samples=3)

    assert [one.round for one in shown] == [0, 1, 2, 3, 4, 5]
    assert all(one.round == 2 * one.sample + (one.shown_order != seeded) for one in shown)
    assert {one.shown_order for one in shown} == {"ab", "ba"}


def test_a_single_order_uses_even_rounds_only():
    shown = orders.showings(KEY, "pair", "judge", samples=2, policy="single")

    assert [one.round for one in shown] == [0, 2]
    assert {one.shown_order for one in shown} == {orders.first_order(KEY, "pair", "judge")}


def test_the_seeded_order_is_fixed_by_key_pair_and_judge():
    assert orders.first_order(KEY, "pair", "judge") == orders.first_order(KEY, "pair", "judge")
    for varied in (
        {orders.first_order(KEY, f"pair {n}", "judge") for n in range(20)},
        {orders.first_order(KEY, "pair", f"judge {n}") for n in range(20)},
        {orders.first_order(b"key %d" % n, "pair", "judge") for n in range(20)},
    ):
        assert varied == {"ab", "ba"}


def test_seeded_orders_are_balanced():
    first = sum(orders.first_order(KEY, f"pair {n}", "judge") == "ab" for n in range(2000))
    assert abs(first - 1000) < 3 * 22.4  # three standard deviations of a fair coin


@pytest.mark.parametrize(
    ("shown", "order", "canonical"),
    [
        (("first", 2), "ab", ("a", 2)),
        (("first", 2), "ba", ("b", -2)),
        (("second", -1), "ab", ("b", -1)),
        (("second", -1), "ba", ("a", 1)),
        (("first", None), "ba", ("b", None)),
        (("tie", 0), "ba", ("tie", 0)),
        (("both_bad", 0), "ab", ("both_bad", 0)),
    ],
)
def test_verdicts_turn_canonical_through_the_shown_order(shown, order, canonical):
    assert orders.to_canonical(Verdict("judged", *shown), order) == canonical


@pytest.mark.parametrize("state", ["abstain", "refused", "filtered", "invalid", "error"])
def test_states_without_a_verdict_stay_themselves(state):
    assert orders.to_canonical(Verdict(state), "ba") == (state, None)
