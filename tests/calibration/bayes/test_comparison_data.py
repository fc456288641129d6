from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.bayes import population
from calibration.bayes.columns import UnusableFrame
from calibration.bayes.data import comparison_data


def frame_of(seed: int = 1) -> pd.DataFrame:
    people = population.panel(6, 1, seed=seed)
    frame = population.campaign(people, seed=seed, systems=4, prompts=6, overlap=3, both_orders=True).frame
    return frame.assign(length_a=100.0 + 10 * np.arange(len(frame)) % 300, length_b=150.0)


def reencoded(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Write some rows down the other way round: the same judgments, the sides exchanged."""
    frame = frame.copy()
    frame.loc[rows, ["system_a", "system_b"]] = frame.loc[rows, ["system_b", "system_a"]].to_numpy()
    frame.loc[rows, ["length_a", "length_b"]] = frame.loc[rows, ["length_b", "length_a"]].to_numpy()
    frame.loc[rows, "outcome"] = frame.loc[rows, "outcome"].replace({"a": "b", "b": "a"})
    frame.loc[rows, "shown_order"] = frame.loc[rows, "shown_order"].replace({"ab": "ba", "ba": "ab"})
    return frame


def assert_equal(first, second):
    for field in fields(first):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other, err_msg=field.name)
        else:
            assert one == other, field.name


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_recorded_sides_and_row_order_change_nothing_a_fit_reads(seed):
    frame = frame_of()
    rng = np.random.default_rng(seed)
    changed = reencoded(frame, rng.random(len(frame)) < 0.5).sample(frac=1, random_state=int(seed % 2**31))
    assert_equal(comparison_data(frame), comparison_data(changed))
    assert comparison_data(frame).sha256() == comparison_data(changed).sha256()


def test_an_unknown_order_informs_no_position():
    data = comparison_data(frame_of().assign(shown_order=None))
    assert (data.covariates[:, 0] == 0).all()
    assert data.n_unknown_order == data.n_judgments


def test_parts_that_never_met_are_told_apart():
    frame = frame_of()
    other = frame.assign(item="x" + frame["item"], system_a="x" + frame["system_a"], system_b="x" + frame["system_b"])
    assert comparison_data(pd.concat([frame, other], ignore_index=True)).n_components == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.drop(columns="outcome"), "outcome"),
        (lambda f: f.iloc[:0], "no judgment"),
        (lambda f: f.assign(outcome="left"), "outcome"),
    ],
)
def test_a_frame_no_model_can_read_is_refused_in_words(change, says):
    with pytest.raises(UnusableFrame, match=says):
        comparison_data(change(frame_of()))
