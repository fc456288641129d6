"""What readers yield: one frozen row per fact, in canonical order, with the place it came from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
Kind = Literal["human", "judge", "oracle", "heuristic"]
Outcome = Literal["a", "b", "tie", "both_bad", "abstain", "refused", "filtered", "invalid", "error"]
Order = Literal["ab", "ba"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt; no messages means that the source does not hold its text."""

    prompt_id: str
    messages: tuple[Message, ...]
    language: str | None
    tags: tuple[str, ...]
    pool: str
    extra: dict[str, Any]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system under its import key, with the settings it generated with."""

    system_id: str
    name: str
    family: str | None
    generation: dict[str, Any] | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """A response; text None means that the source does not hold it."""

    prompt_id: str
    system_id: str
    response_id: str
    text: str | None
    extra: dict[str, Any]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two responses to compare, (system_a, response_a) before (system_b, response_b) by code point.

    Empty tags and pool mean those of the prompt.
    """

    prompt_id: str
    system_a: str
    response_a: str
    system_b: str
    response_b: str
    tags: tuple[str, ...]
    pool: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class AnnotatorRow:
    """A source of judgments, under the id its file gives it."""

    annotator_id: str
    kind: Kind
    name: str
    family: str | None
    group: str | None
    version: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class JudgmentRow:
    """A judgment in canonical order: outcome, strength and shown order are already turned where the file's were not.

    A judgment of a single response has no system_b; it holds a score or labels, which the rubric's scale checks.
    """

    prompt_id: str
    system_a: str
    response_a: str
    system_b: str
    response_b: str
    annotator_id: str
    criterion: str | None
    round: int
    outcome: Outcome | Literal["rated", "labeled"]
    strength: int | None
    shown_order: Order | None
    rationale: str | None
    started_at: datetime | None
    submitted_at: datetime | None
    active_ms: int | None
    flags: tuple[str, ...]
    cluster_id: str | None
    extra: dict[str, Any]
    file: str
    line: int
    score: int | None = None
    labels: tuple[str, ...] | dict[str, Any] | None = None


Row = PromptRow | SystemRow | ResponseRow | PairRow | AnnotatorRow | JudgmentRow
