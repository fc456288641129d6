"""Boards stand side by side only under one known protocol."""

import pytest

from calibration.bayes.protocol import Protocol, comparable

ONE = Protocol("a" * 64, "1", "regular")


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Protocol("a" * 64, "1", "regular"), ()),
        (Protocol("b" * 64, "1", "regular"), (f"the rubric differs: {'a' * 12} and {'b' * 12}",)),
        (
            Protocol("a" * 64, "2", "experts"),
            ("the pool of tasks differs: 1 and 2", "the annotator pool differs: regular and experts"),
        ),
        (Protocol("", "1", "regular"), ("the rubric of one run is not known",)),
    ],
)
def test_every_difference_is_a_reason(other, says):
    for found in (comparable(ONE, other), comparable(other, ONE)):
        assert found.comparable == (not says)
        assert {reason.split(":")[0] for reason in found.reasons} == {reason.split(":")[0] for reason in says}
    assert comparable(ONE, other).reasons == says


def test_nothing_known_of_either_is_no_agreement():
    found = comparable(Protocol(), Protocol())
    assert not found.comparable
    assert found.reasons[0] == "the rubric of both runs is not known"
