"""Compare two responses: left or right, by how much, a tie, or both bad."""

from collections.abc import Mapping
from typing import Any

from annotation.tasktypes.answers import Answer, AnswerRefused, Chosen, Criterion, Form, Mark, field_name

TEMPLATE = "components/scales/comparison.html"
LEVELS = (3, 5, 7)
GRADES = {3: ("",), 5: (" much better", " better"), 7: (" much better", " better", " slightly better")}
FLIPPED = {"a": "b", "b": "a"}


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


def read(criterion: Criterion, sent: Form) -> Answer | None:
    """Return the answer of a sent form; what is not on the menu counts as not answered."""
    value = sent.get(field_name(criterion), "")
    if value not in {mark.value for mark in marks(criterion)}:
        return None
    side, _, size = value.partition(":")
    return Answer(side) if criterion.levels == 3 else Answer(side, strength=int(size or 0))


def chosen(criterion: Criterion, sent: Form) -> Chosen:
    value = sent.get(field_name(criterion), "")
    return Chosen(frozenset([value] if value else []))


def sides(criterion: Criterion) -> list[str]:
    return ["left", "right", *(["tie"] * criterion.allow_tie), *(["both_bad"] * criterion.allow_both_bad)]


def check(criterion: Criterion, answer: Answer) -> None:
    """Refuse what the criterion does not offer, with what it does offer."""
    offered = sides(criterion)
    if answer.side not in offered:
        menu = ", ".join(sorted(offered))
        raise AnswerRefused(f"{criterion.name} takes {menu}; {answer.side[:40]!r} is not one of them.")
    top, is_side = criterion.levels // 2, answer.side in {"left", "right"}
    if answer.strength is None:
        if criterion.levels > 3 and is_side:
            raise AnswerRefused(f"{criterion.name} asks how much better. Send a strength from 1 to {top}.")
    elif answer.strength not in (range(1, top + 1) if is_side else range(1)):
        raise AnswerRefused(f"{criterion.name} takes a strength from 1 to {top} with left or right, and 0 with a tie.")


def record(criterion: Criterion, answer: Answer, shown_order: str) -> dict[str, Any]:
    """Undo the shown order: an answer about sides becomes an outcome about responses a and b."""
    if answer.side in {"tie", "both_bad"}:
        return {"outcome": answer.side, "strength": answer.strength}
    outcome = "a" if answer.side == ("left" if shown_order == "ab" else "right") else "b"
    sign = 1 if outcome == "a" else -1
    return {"outcome": outcome, "strength": None if answer.strength is None else sign * answer.strength}


def menu(criterion: Criterion) -> dict[str, Any]:
    """Say over the API what may be answered."""
    return {"menu": sides(criterion), "strength_max": criterion.levels // 2 if criterion.levels > 3 else None}


def from_row(criterion: Criterion, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record's values of one imported row; the reader has checked outcome against strength."""
    return {"outcome": values["outcome"], "strength": values.get("strength")}


def check_scale(criterion: Criterion) -> None:
    """Refuse a criterion whose scale cannot be shown."""
    if criterion.levels not in LEVELS:
        raise ValueError(f"{criterion.name}: a comparison has 3, 5 or 7 levels.")
