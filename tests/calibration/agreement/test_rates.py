import pandas as pd
import pytest
from hypothesis import given, settings
from statsmodels.stats.proportion import proportion_confint

from calibration.agreement.frames import UnknownValues
from calibration.agreement.rates import Share, rates
from tests.calibration.agreement.strategies import frames, turned


def known(share: Share | None) -> Share:
    assert share is not None
    return share


def test_llmfao_crowd_and_judges(llmfao: pd.DataFrame) -> None:
    crowd = llmfao.assign(annotator=llmfao["annotator"].where(llmfao["annotator_kind"] == "judge", "crowd"))
    found = {one.annotator: one for one in rates(crowd)}
    expected = {"crowd": (0.389, 0.326, 0.285), "gpt4": (0.031, 0.441, 0.528), "gpt3": (0.091, 0.632, 0.277)}
    for name, shares in expected.items():
        one = found[name]
        assert [known(one.tie).value, known(one.first).value, known(one.second).value] == pytest.approx(
            shares, abs=5e-4
        )
    assert (found["crowd"].annotator_kind, found["gpt4"].annotator_kind) == ("human", "judge")
    assert [found[name].n_judgments for name in expected] == [8931, 2139, 2139]


def frame_of(outcomes: list[str], orders: list[str | None]) -> pd.DataFrame:
    items = [f"{number}" for number in range(len(outcomes))]
    return pd.DataFrame({"item": items, "annotator": "x", "outcome": outcomes, "shown_order": orders})


def test_shares_count_what_they_say() -> None:
    (one,) = rates(frame_of(["a", "b", "a", "tie", "both_bad", "a"], ["ab", "ba", "ba", "ab", "ab", None]))
    assert (known(one.tie).count, known(one.both_bad).count, one.n_judgments) == (2, 1, 6)
    assert (known(one.first).count, known(one.second).count, known(one.first).n) == (2, 1, 5)


@pytest.mark.parametrize("orders", [[None, None], [float("nan"), None]])
def test_without_a_known_order_there_is_no_share_of_sides(orders: list[str | None]) -> None:
    (one,) = rates(frame_of(["a", "b"], orders))
    assert (one.first, one.second) == (None, None)
    (one,) = rates(frame_of(["a", "b"], orders).drop(columns="shown_order"))
    assert (one.first, one.second) == (None, None)


def test_the_interval_is_wilsons() -> None:
    for level in (0.9, 0.95):
        (one,) = rates(frame_of(["tie"] * 3 + ["a"] * 17, ["ab"] * 20), level=level)
        for share in map(known, (one.tie, one.both_bad, one.first)):
            expected = proportion_confint(share.count, share.n, alpha=1 - level, method="wilson")
            assert (share.ci_low, share.ci_high) == pytest.approx(expected, abs=1e-9)


@given(frame=frames())
@settings(deadline=None, max_examples=30)
def test_encoding_the_sides_otherwise_changes_no_share(frame: pd.DataFrame) -> None:
    assert rates(frame) == rates(turned(frame, frame.index % 2 == 0))


def test_repeats_and_later_rounds_are_answers_too() -> None:
    frame = pd.concat([frame_of(["a"], ["ab"]), frame_of(["tie"], ["ba"])]).assign(round=[0, 1])
    (one,) = rates(frame)
    assert (one.n_judgments, known(one.tie).value) == (2, 0.5)


def test_an_order_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownValues, match="shown_order"):
        rates(frame_of(["a"], ["left"]))
