"""Label one response: one label, or all that apply, each with its severity where the rubric asks for it."""

from collections.abc import Mapping
from typing import Any

from annotation.tasktypes.answers import (
    Answer,
    AnswerRefused,
    Chosen,
    Criterion,
    Form,
    Grade,
    Mark,
    field_name,
    severity_name,
)

TEMPLATE = "components/scales/labels.html"
MOST = 40
# Nothing chosen is no answer: a person says that nothing applies.
NONE = "none"
SEVERITIES = (Grade(0, "trace"), Grade(1, "minor"), Grade(2, "serious"), Grade(3, "severe"))


def marks(criterion: Criterion) -> list[Mark]:
    """Return the labels, the first nine with a digit, and none of these apart with 0."""
    found = [
        Mark(option["key"], option["name"], str(n) if n < 10 else "", says=option.get("says", ""))
        for n, option in enumerate(criterion.options, start=1)
    ]
    return [*found, Mark(NONE, "None of these", "0", is_off=True)]


def read(criterion: Criterion, sent: Form) -> Answer | None:
    """Return the labels of a sent form; what is not on the menu counts as not answered."""
    values = [str(value) for value in sent.getlist(field_name(criterion))]
    names = {mark.value: mark.label for mark in marks(criterion)}
    if not values or not set(values) <= names.keys():
        return None
    if NONE in values and len(values) > 1:
        raise AnswerRefused(f"{criterion.name}: “{names[NONE]}” stands beside another label. Take one of them away.")
    severities = {value: _severity(criterion, sent, value) for value in values if value != NONE}
    for label, severity in severities.items():
        if criterion.asks_severity and severity is None:
            raise AnswerRefused(f"{criterion.name}: {names[label]} has no severity yet. Choose one.")
    return Answer(labels=severities)


def _severity(criterion: Criterion, sent: Form, label: str) -> int | None:
    value = sent.get(severity_name(criterion, label), "") if criterion.asks_severity else ""
    return int(value) if value in {str(grade.value) for grade in SEVERITIES} else None


def chosen(criterion: Criterion, sent: Form) -> Chosen:
    values = frozenset(str(value) for value in sent.getlist(field_name(criterion)))
    severities = {value: _severity(criterion, sent, value) for value in values}
    return Chosen(values, {label: size for label, size in severities.items() if size is not None})


def check(criterion: Criterion, answer: Answer) -> None:
    """Refuse what the criterion does not offer, with what it does offer."""
    if answer.labels is None or answer.side or answer.rating is not None or answer.strength is not None:
        raise AnswerRefused(f"{criterion.name} takes labels; send {{}} when none applies.")
    offered = {option["key"] for option in criterion.options}
    if unknown := answer.labels.keys() - offered:
        raise AnswerRefused(f"{criterion.name} has no label {sorted(unknown)[0][:40]!r}.")
    if len(answer.labels) > 1 and not criterion.takes_several:
        raise AnswerRefused(f"{criterion.name} takes one label.")
    for label, severity in answer.labels.items():
        _check_severity(criterion, label, severity)


def _check_severity(criterion: Criterion, label: str, severity: Any) -> None:
    if not criterion.asks_severity:
        if severity is not None:
            raise AnswerRefused(f"{criterion.name} asks for no severity.")
        return
    is_grade = isinstance(severity, int) and not isinstance(severity, bool) and 0 <= severity < len(SEVERITIES)
    if not is_grade:
        raise AnswerRefused(f"{criterion.name}: {label} needs a severity from 0 to {len(SEVERITIES) - 1}.")


def record(criterion: Criterion, answer: Answer, shown_order: str) -> dict[str, Any]:
    return {"outcome": "labeled", "labels": dict(answer.labels or {})}


def menu(criterion: Criterion) -> dict[str, Any]:
    severity = {"severity_max": len(SEVERITIES) - 1} if criterion.asks_severity else {}
    return severity | {
        "labels": [{"label": o["key"], "name": o["name"], "says": o.get("says", "")} for o in criterion.options],
        "takes_several": criterion.takes_several,
    }


def from_row(criterion: Criterion, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record's values of one imported row: a list of labels, or a mapping of labels to severities."""
    given = values.get("labels")
    if given is None:
        raise AnswerRefused(f"{criterion.name} takes labels; write them, or an empty list when none applies.")
    labels = dict(given) if isinstance(given, Mapping) else dict.fromkeys(given)
    check(criterion, Answer(labels=labels))
    return {"outcome": "labeled", "labels": labels}


def check_scale(criterion: Criterion) -> None:
    keys = [option["key"] for option in criterion.options]
    if not 1 <= len(keys) <= MOST:
        raise ValueError(f"{criterion.name}: name 1 to {MOST} labels.")
    if len(set(keys)) < len(keys) or NONE in keys:
        raise ValueError(f"{criterion.name}: each label needs a name of its own, other than “none”.")
