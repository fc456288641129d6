"""The task types and the scales of their criteria; a new one is one module here and one template.

A module offers: TEMPLATE, marks (what a person can press), read and chosen (a sent form), check (validation),
record (the canonical record), menu (the API), from_row (import), check_scale (a rubric's draft).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from annotation.tasktypes import comparison, labeling, rating
from annotation.tasktypes.answers import Answer, Chosen, Criterion, Form, Mark


class Scale(Protocol):
    """What a module of this room offers."""

    TEMPLATE: str

    def marks(self, criterion: Criterion) -> list[Mark]: ...
    def read(self, criterion: Criterion, sent: Form) -> Answer | None: ...
    def chosen(self, criterion: Criterion, sent: Form) -> Chosen: ...
    def check(self, criterion: Criterion, answer: Answer) -> None: ...
    def record(self, criterion: Criterion, answer: Answer, shown_order: str) -> dict[str, Any]: ...
    def menu(self, criterion: Criterion) -> dict[str, Any]: ...
    def from_row(self, criterion: Criterion, values: Mapping[str, Any]) -> dict[str, Any]: ...
    def check_scale(self, criterion: Criterion) -> None: ...


class TaskType(NamedTuple):
    """What a task shows and which scales its rubric may have."""

    key: str
    name: str
    title: str
    template: str
    responses: int
    scales: tuple[str, ...]


SCALES: dict[str, Scale] = {"comparison": comparison, "rating": rating, "labels": labeling}
TASK_TYPES = {
    found.key: found
    for found in (
        TaskType("comparison", "Comparison", "compare two answers", "components/tasks/pair.html", 2, ("comparison",)),
        TaskType("rating", "Rating", "rate one answer", "components/tasks/single.html", 1, ("rating", "labels")),
        TaskType("labeling", "Labeling", "label one answer", "components/tasks/single.html", 1, ("labels", "rating")),
    )
}


def scale_of(criterion: Any) -> Scale:
    return SCALES[criterion.scale]
