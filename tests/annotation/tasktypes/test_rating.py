import pytest
from django.http import QueryDict

from annotation.models import Criterion
from annotation.tasktypes import rating
from annotation.tasktypes.answers import Answer, AnswerRefused
from tests.factories import ANCHORS


@pytest.fixture
def helpful() -> Criterion:
    return Criterion(pk=1, key="help", name="Helpfulness", scale="rating", options=list(ANCHORS))


def test_levels_stand_from_low_to_high_under_their_digits(helpful):
    marks = [(mark.key, mark.label) for mark in rating.marks(helpful)]
    assert marks == [("1", "No help"), ("2", "In part"), ("3", "All one could ask")]


def test_the_tenth_level_has_the_tenth_digit():
    options = [{"key": str(n), "name": str(n), "says": ""} for n in range(1, 11)]
    assert rating.marks(Criterion(key="x", name="X", options=options))[-1].key == "0"


def test_every_mark_can_be_read_back(helpful):
    for mark in rating.marks(helpful):
        answer = rating.read(helpful, QueryDict(f"answer-help={mark.value}"))
        assert answer == Answer(rating=int(mark.value))
        rating.check(helpful, answer)
        assert rating.record(helpful, answer, "ab") == {"outcome": "rated", "rating": int(mark.value)}


@pytest.mark.parametrize("sent", ["", "0", "4", "-1", "1.5", "x", "٣"])
def test_what_is_not_on_the_scale_is_no_answer(helpful, sent):
    form = QueryDict(mutable=True)
    form["answer-help"] = sent
    assert rating.read(helpful, form) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(rating=0),
        Answer(rating=4),
        Answer(rating=True),
        Answer("left"),
        Answer("left", rating=2),
        Answer(rating=2, labels={}),
        Answer(rating=2, strength=1),
        Answer(),
    ],
)
def test_an_answer_off_the_scale_is_refused_with_the_scale(helpful, answer):
    with pytest.raises(AnswerRefused, match="Helpfulness takes a rating from 1 to 3"):
        rating.check(helpful, answer)


@pytest.mark.parametrize("levels", [1, 11])
def test_a_scale_has_two_to_ten_anchors(levels):
    options = [{"key": str(n), "name": str(n), "says": ""} for n in range(levels)]
    with pytest.raises(ValueError, match="2 to 10 anchors"):
        rating.check_scale(Criterion(key="x", name="X", options=options))


def test_an_imported_score_is_checked_against_the_scale(helpful):
    assert rating.from_row(helpful, {"score": 3}) == {"outcome": "rated", "rating": 3}
    for score in (0, 4, "3", None):
        with pytest.raises(AnswerRefused, match="score from 1 to 3"):
            rating.from_row(helpful, {"score": score})
