import pytest
from django.http import QueryDict

from annotation.models import Criterion
from annotation.tasktypes import comparison
from annotation.tasktypes.answers import Answer


def criterion(**values) -> Criterion:
    return Criterion(pk=1, key="overall", name="Overall", **values)


def read(of: Criterion, value: str) -> Answer | None:
    sent = QueryDict(mutable=True)
    sent["answer-overall"] = value
    return comparison.read(of, sent)


def described(of: Criterion) -> list[tuple[str, str]]:
    return [(mark.key, mark.label) for mark in comparison.marks(of)]


def test_three_levels_read_left_tie_right_and_both_bad_apart():
    assert described(criterion(levels=3)) == [("1", "Left"), ("2", "Tie"), ("3", "Right"), ("0", "Both bad")]


def test_five_levels_are_numbered_from_left_to_right():
    assert described(criterion(levels=5)) == [
        ("1", "Left much better"),
        ("2", "Left better"),
        ("3", "Tie"),
        ("4", "Right better"),
        ("5", "Right much better"),
        ("0", "Both bad"),
    ]


def test_without_tie_and_both_bad_only_the_two_sides_are_left():
    assert described(criterion(levels=3, allow_tie=False, allow_both_bad=False)) == [("1", "Left"), ("2", "Right")]


@pytest.mark.parametrize("levels", [3, 5, 7])
def test_both_arms_of_the_beam_mirror_each_other(levels):
    line = [mark.label for mark in comparison.marks(criterion(levels=levels)) if not mark.is_off]
    swapped = [label.replace("Left", "X").replace("Right", "Left").replace("X", "Right") for label in line]
    assert swapped[::-1] == line


@pytest.mark.parametrize(
    ("levels", "sent", "answer"),
    [
        (3, "left", Answer("left")),
        (3, "both_bad", Answer("both_bad")),
        (5, "left:2", Answer("left", strength=2)),
        (5, "right:1", Answer("right", strength=1)),
        (7, "left:3", Answer("left", strength=3)),
        (7, "tie", Answer("tie", strength=0)),
    ],
)
def test_a_mark_is_read_back_as_the_answer_it_stands_for(levels, sent, answer):
    assert read(criterion(levels=levels), sent) == answer


@pytest.mark.parametrize("sent", ["", "left:2", "abstain", "left:", "tie:0"])
def test_what_is_not_on_the_menu_is_no_answer(sent):
    assert read(criterion(levels=3), sent) is None


def test_every_mark_of_every_scale_can_be_read_back():
    for levels in (3, 5, 7):
        of = criterion(levels=levels)
        for mark in comparison.marks(of):
            assert read(of, mark.value) is not None
