"""Rate one response on a scale of anchored levels, from low to high."""

from collections.abc import Mapping
from typing import Any

from annotation.tasktypes.answers import Answer, AnswerRefused, Chosen, Criterion, Form, Mark, field_name

TEMPLATE = "components/scales/rating.html"
FEWEST, MOST = 2, 10


def marks(criterion: Criterion) -> list[Mark]:
    """Return the levels from low to high; the tenth has the key 0, because there are ten digits."""
    return [
        Mark(str(level), option["name"] or str(level), str(level % MOST), says=option.get("says", ""))
        for level, option in enumerate(criterion.options, start=1)
    ]


def read(criterion: Criterion, sent: Form) -> Answer | None:
    value = sent.get(field_name(criterion), "")
    return Answer(rating=int(value)) if value in {mark.value for mark in marks(criterion)} else None


def chosen(criterion: Criterion, sent: Form) -> Chosen:
    value = sent.get(field_name(criterion), "")
    return Chosen(frozenset([value] if value else []))


def check(criterion: Criterion, answer: Answer) -> None:
    top = len(criterion.options)
    is_level = isinstance(answer.rating, int) and not isinstance(answer.rating, bool) and 1 <= answer.rating <= top
    if not is_level or answer.side or answer.labels is not None or answer.strength is not None:
        raise AnswerRefused(f"{criterion.name} takes a rating from 1 to {top}.")


def record(criterion: Criterion, answer: Answer, shown_order: str) -> dict[str, Any]:
    return {"outcome": "rated", "rating": answer.rating}


def menu(criterion: Criterion) -> dict[str, Any]:
    return {"ratings": [{"rating": int(m.value), "name": m.label, "says": m.says} for m in marks(criterion)]}


def from_row(criterion: Criterion, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record's values of one imported row."""
    if values.get("score") is None and values.get("outcome") == "invalid":
        return {"outcome": "invalid"}
    score, top = values.get("score"), len(criterion.options)
    if not isinstance(score, int) or not 1 <= score <= top:
        raise AnswerRefused(f"{criterion.name} takes a score from 1 to {top}; correct it or name another criterion.")
    return {"outcome": "rated", "rating": score}


def check_scale(criterion: Criterion) -> None:
    if not FEWEST <= len(criterion.options) <= MOST:
        raise ValueError(f"{criterion.name}: a rating has {FEWEST} to {MOST} anchors, from low to high.")
