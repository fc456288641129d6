"""A criterion's scale as marks on a beam, and the way back from a mark to an answer."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from annotation.models import Criterion
from annotation.services.judgments import Answer

GRADES = {3: ("",), 5: (" much better", " better"), 7: (" much better", " better", " slightly better")}


class Mark(NamedTuple):
    """One answer that a person can give, with the key that gives it."""

    value: str
    label: str
    key: str
    is_end: bool = False
    is_off: bool = False


class Scale(NamedTuple):
    """A criterion as the desk shows it."""

    criterion: Criterion
    name: str
    marks: list[Mark]
    chosen: str
    is_active: bool
    is_wrong: bool


def field_name(criterion: Criterion) -> str:
    return f"answer-{criterion.key}"


def marks(criterion: Criterion) -> list[Mark]:
    """Return the marks from left to right, numbered from 1, and both bad apart with 0."""
    grades = GRADES[criterion.levels]
    left = [(_value("left", size, criterion), f"Left{grade}") for size, grade in _sizes(grades)]
    right = [(_value("right", size, criterion), f"Right{grade}") for size, grade in reversed(_sizes(grades))]
    middle = [("tie", "Tie")] if criterion.allow_tie else []
    line = [*left, *middle, *right]
    found = [Mark(value, label, str(n), is_end=n == len(line)) for n, (value, label) in enumerate(line, start=1)]
    return found + ([Mark("both_bad", "Both bad", "0", is_off=True)] if criterion.allow_both_bad else [])


def _sizes(grades: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(len(grades) - place, grade) for place, grade in enumerate(grades)]


def _value(side: str, size: int, criterion: Criterion) -> str:
    return side if criterion.levels == 3 else f"{side}:{size}"


def read(criteria: Iterable[Criterion], sent: Mapping[str, str]) -> dict[str, Answer]:
    """Return the answers of a sent form by criterion key; what is not on the menu counts as not answered."""
    found = {}
    for criterion in criteria:
        value = sent.get(field_name(criterion), "")
        if value in {mark.value for mark in marks(criterion)}:
            found[criterion.key] = _answer(criterion, value)
    return found


def _answer(criterion: Criterion, value: str) -> Answer:
    side, _, size = value.partition(":")
    if criterion.levels == 3:
        return Answer(side)
    return Answer(side, strength=int(size or 0))


def show(criteria: Iterable[Criterion], sent: Mapping[str, str], *, was_sent: bool) -> list[Scale]:
    """Return the scales of a desk; the first one without an answer is active."""
    rows = [(criterion, sent.get(field_name(criterion), "")) for criterion in criteria]
    active = next((criterion.pk for criterion, chosen in rows if not chosen), rows[0][0].pk if rows else 0)
    return [
        Scale(
            criterion=criterion,
            name=field_name(criterion),
            marks=marks(criterion),
            chosen=chosen,
            is_active=criterion.pk == active,
            is_wrong=was_sent and not chosen,
        )
        for criterion, chosen in rows
    ]
