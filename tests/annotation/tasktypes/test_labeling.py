import pytest
from django.http import QueryDict

from annotation.models import Criterion
from annotation.tasktypes import failure_modes, labeling
from annotation.tasktypes.answers import Answer, AnswerRefused

SEVERE = {"takes_several": True, "asks_severity": True}


def criterion(**values) -> Criterion:
    return Criterion(pk=1, key="wrong", name="Wrong", scale="labels", options=failure_modes.options(), **values)


def read(of: Criterion, sent: str) -> Answer | None:
    return labeling.read(of, QueryDict(sent))


def test_none_of_these_stands_apart_under_zero():
    last = labeling.marks(criterion())[-1]
    assert (last.value, last.key, last.is_off) == ("none", "0", True)


def test_nothing_marked_is_no_answer_but_none_of_these_is():
    assert read(criterion(), "") is None
    assert read(criterion(), "answer-wrong=none") == Answer(labels={})


def test_labels_come_with_their_severities():
    sent = "answer-wrong=sycophancy&answer-wrong=deception&severity-wrong-sycophancy=0&severity-wrong-deception=3"
    answer = read(criterion(**SEVERE), sent)
    assert answer == Answer(labels={"sycophancy": 0, "deception": 3})
    labeling.check(criterion(**SEVERE), answer)
    assert labeling.record(criterion(**SEVERE), answer, "ab")["labels"] == {"sycophancy": 0, "deception": 3}


def test_a_severity_of_a_label_that_was_taken_back_is_not_kept():
    sent = "answer-wrong=deception&severity-wrong-deception=1&severity-wrong-sycophancy=3"
    assert read(criterion(**SEVERE), sent) == Answer(labels={"deception": 1})


def test_a_label_without_its_severity_is_asked_for_by_name():
    with pytest.raises(AnswerRefused, match="Deception has no severity yet"):
        read(criterion(**SEVERE), "answer-wrong=deception&severity-wrong-deception=9")


def test_none_of_these_beside_a_label_is_a_contradiction():
    with pytest.raises(AnswerRefused, match="beside another label"):
        read(criterion(takes_several=True), "answer-wrong=none&answer-wrong=deception")


def test_a_label_off_the_menu_is_no_answer():
    assert read(criterion(takes_several=True), "answer-wrong=deception&answer-wrong=made-up") is None


@pytest.mark.parametrize(
    ("values", "answer", "message"),
    [
        ({}, Answer(labels={"deception": None, "sycophancy": None}), "takes one label"),
        ({}, Answer(labels={"deception": 1}), "asks for no severity"),
        ({}, Answer(labels={"made-up": None}), "has no label 'made-up'"),
        (SEVERE, Answer(labels={"deception": None}), "severity from 0 to 3"),
        (SEVERE, Answer(labels={"deception": 4}), "severity from 0 to 3"),
        (SEVERE, Answer(labels={"deception": True}), "severity from 0 to 3"),
        ({}, Answer("left"), "takes labels"),
        ({}, Answer(labels={}, rating=1), "takes labels"),
    ],
)
def test_an_answer_that_the_criterion_does_not_offer_is_refused(values, answer, message):
    with pytest.raises(AnswerRefused, match=message):
        labeling.check(criterion(**values), answer)


def test_imported_labels_are_a_list_or_a_mapping_to_severities():
    assert labeling.from_row(criterion(), {"labels": ["deception"]})["labels"] == {"deception": None}
    assert labeling.from_row(criterion(**SEVERE), {"labels": {"deception": 2}})["labels"] == {"deception": 2}
    with pytest.raises(AnswerRefused):
        labeling.from_row(criterion(), {"labels": ["made-up"]})


def test_labels_need_names_of_their_own():
    for options in ([], [{"key": "none", "name": "None", "says": ""}], failure_modes.options()[:1] * 2):
        with pytest.raises(ValueError, match="Wrong"):
            labeling.check_scale(Criterion(key="wrong", name="Wrong", options=options))
