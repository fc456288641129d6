"""What every scale speaks of: an answer as the annotator gave it, and the marks that give it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.http import QueryDict

Labels = Mapping[str, int | None]
# A sent form: one value of a name, or all of them.
Form = QueryDict


class AnswerRefused(ValueError):
    """The answer is not one that the rubric offers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One criterion's answer as the annotator saw it.

    A comparison says left, right, tie or both_bad, and how much; a rating is a level of its scale; labels are those
    that apply, each with its severity where the criterion asks for it. A judge's side may be a non-verdict.
    """

    side: str = ""
    strength: int | None = None
    rationale: str = ""
    rating: int | None = None
    labels: Labels | None = None

    def content(self) -> list[Any]:
        """Return what an idempotency key stands for; comparisons hash as they always did."""
        more = {} if self.rating is None and self.labels is None else {"rating": self.rating, "labels": self.labels}
        return [self.side, self.strength, self.rationale, *([{k: _plain(v) for k, v in more.items()}] if more else [])]


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


class Criterion(Protocol):
    """What a scale needs to know of a criterion of the record."""

    pk: int
    key: str
    name: str
    question: str
    levels: int
    allow_tie: bool
    allow_both_bad: bool
    options: list[dict[str, str]]
    takes_several: bool
    asks_severity: bool


class Mark(NamedTuple):
    """One answer that a person can give, with the key that gives it."""

    value: str
    label: str
    key: str
    is_end: bool = False
    is_off: bool = False
    says: str = ""


class Grade(NamedTuple):
    """One severity of a label."""

    value: int
    name: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a form has chosen of a criterion so far, for showing it again."""

    values: frozenset[str] = frozenset()
    severities: Mapping[str, int] = field(default_factory=dict)


def field_name(criterion: Criterion) -> str:
    return f"answer-{criterion.key}"


def severity_name(criterion: Criterion, label: str) -> str:
    return f"severity-{criterion.key}-{label}"
