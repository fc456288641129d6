"""The criteria of a task as the desk shows them, and the way back from a sent form to answers."""

from collections.abc import Iterable
from typing import NamedTuple

from annotation import tasktypes
from annotation.models import Criterion
from annotation.tasktypes import labeling
from annotation.tasktypes.answers import Answer, Chosen, Form, Grade, Mark, field_name


class Question(NamedTuple):
    """A criterion as the desk shows it."""

    criterion: Criterion
    template: str
    name: str
    marks: list[Mark]
    chosen: Chosen
    number: int
    of: int
    is_active: bool
    is_wrong: bool
    grades: tuple[Grade, ...] = labeling.SEVERITIES


def read(criteria: Iterable[Criterion], sent: Form) -> dict[str, Answer]:
    """Return the answers of a sent form by criterion key; what is not on the menu counts as not answered."""
    found = {criterion.key: tasktypes.scale_of(criterion).read(criterion, sent) for criterion in criteria}
    return {key: answer for key, answer in found.items() if answer}


def show(criteria: Iterable[Criterion], sent: Form, *, was_sent: bool) -> list[Question]:
    """Return the questions of a desk; the first one without an answer is active."""
    rows = [(criterion, tasktypes.scale_of(criterion).chosen(criterion, sent)) for criterion in criteria]
    active = next((criterion.pk for criterion, chosen in rows if not chosen.values), rows[0][0].pk if rows else 0)
    return [
        Question(
            criterion=criterion,
            template=tasktypes.scale_of(criterion).TEMPLATE,
            name=field_name(criterion),
            marks=tasktypes.scale_of(criterion).marks(criterion),
            chosen=chosen,
            number=number,
            of=len(rows),
            is_active=criterion.pk == active,
            is_wrong=was_sent and not chosen.values,
        )
        for number, (criterion, chosen) in enumerate(rows, start=1)
    ]
