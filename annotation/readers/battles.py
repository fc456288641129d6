"""One judged comparison of a foreign format, told as rows: what most readers have in common."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from annotation.readers import orientation
from annotation.readers.catalog import Catalog
from annotation.readers.fields import ID_CAP, Fields
from annotation.readers.rows import (
    AnnotatorRow,
    JudgmentRow,
    Kind,
    Message,
    Order,
    Outcome,
    PairRow,
    PromptRow,
    ResponseRow,
    Row,
    SystemRow,
)

# The system of responses whose source does not say what wrote them.
UNKNOWN = "unknown"
AGGREGATE = "aggregate"


@dataclass(frozen=True, slots=True)
class Side:
    """One response: its system, its text, and its number if the system answered more than once."""

    system: str
    text: str
    response_id: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one annotator said of two sides, the first of them a."""

    annotator_id: str
    outcome: Outcome
    kind: Kind = "human"
    name: str = ""
    strength: int | None = None
    criterion: str | None = None
    shown_order: Order | None = None
    rationale: str | None = None
    submitted_at: datetime | None = None
    active_ms: int | None = None
    round: int = 0
    flags: tuple[str, ...] = ()
    cluster_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def digest(*parts: object) -> str:
    """Return a short id of texts that have none in their source."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def prompt_id(messages: Sequence[Message]) -> str:
    return digest(*((message.role, message.content) for message in messages))


def unnamed(text: str, system: str = UNKNOWN) -> Side:
    """Return a response that is known by its text alone; nothing in its id tells which one was chosen."""
    return Side(system, text, digest(text))


def aggregate(outcome: Outcome, **known: Any) -> Verdict:
    """Return a label without annotators: one source that no agreement counts."""
    return Verdict(AGGREGATE, outcome, kind="oracle", name="aggregated labels", **known)


class Story:
    """Tells the rows of one file in their order: what is judged before who judges it."""

    def __init__(self, catalog: Catalog, *, prompt_field: str, sides: tuple[str, str]) -> None:
        self.catalog, self.prompt_field, self.sides = catalog, prompt_field, sides

    def tell(
        self,
        fields: Fields,
        prompt: str,
        messages: Sequence[Message],
        first: Side,
        second: Side,
        verdicts: Sequence[Verdict],
        *,
        language: str | None = None,
    ) -> Iterator[Row]:
        """Yield a comparison and its verdicts; sides that say the same are noted and left out."""
        if fields.failed:
            return
        if (first.system, first.response_id) == (second.system, second.response_id) or first.text == second.text:
            message = f"line {fields.record.line}: both responses say the same; the comparison is left out"
            fields.errors.note(file=fields.record.file, field=self.sides[1], message=message)
            return
        yield from self.material(fields, prompt, messages, (first, second), language=language)
        a, b = sorted((side.system, side.response_id) for side in (first, second))
        file, line = fields.record.file, fields.record.line
        yield from self.catalog.pair(fields, PairRow(prompt, *a, *b, (), "", file, line))
        for verdict in verdicts:
            yield from self._judged(fields, prompt, first, second, verdict)

    def material(
        self,
        fields: Fields,
        prompt: str,
        messages: Sequence[Message],
        sides: Sequence[Side],
        *,
        language: str | None = None,
    ) -> Iterator[Row]:
        """Yield a prompt and responses that nobody has named before."""
        file, line, catalog = fields.record.file, fields.record.line, self.catalog
        asked = PromptRow(prompt, tuple(messages), language, (), "", {}, file, line)
        yield from catalog.prompt(fields, asked, place=self.prompt_field)
        for place, side in zip(self.sides, sides, strict=False):
            named = SystemRow(side.system, side.system, None, None, file, line)
            yield from catalog.system(fields, named, place=place)
            answer = ResponseRow(prompt, side.system, side.response_id, side.text, {}, file, line)
            yield from catalog.response(fields, answer, place=place)

    def _judged(self, fields: Fields, prompt: str, first: Side, second: Side, verdict: Verdict) -> Iterator[Row]:
        row = JudgmentRow(
            prompt_id=prompt, system_a=first.system, response_a=first.response_id, system_b=second.system,
            response_b=second.response_id, annotator_id=verdict.annotator_id, criterion=verdict.criterion,
            round=verdict.round, outcome=verdict.outcome, strength=verdict.strength, shown_order=verdict.shown_order,
            rationale=verdict.rationale, started_at=None, submitted_at=verdict.submitted_at,
            active_ms=verdict.active_ms, flags=verdict.flags, cluster_id=verdict.cluster_id, extra=verdict.extra,
            file=fields.record.file, line=fields.record.line,
        )  # fmt: skip
        yield from who(self.catalog, fields, verdict.annotator_id, verdict.kind, verdict.name)
        yield from once(self.catalog, fields, orientation.canonical(row))


def who(catalog: Catalog, fields: Fields, annotator_id: str, kind: Kind, name: str = "") -> Iterator[Row]:
    """Yield an annotator that nobody has named before."""
    if not annotator_id or len(annotator_id) > ID_CAP:
        fields.refuse("annotator", "missing", f"names nobody in 1 to {ID_CAP} characters; give each vote its annotator")
        return
    file, line = fields.record.file, fields.record.line
    yield from catalog.annotator(
        fields, AnnotatorRow(annotator_id, kind, name or annotator_id, None, None, "", file, line)
    )


def once(catalog: Catalog, fields: Fields, row: JudgmentRow) -> Iterator[JudgmentRow]:
    """Yield a judgment; one that the same annotator gave before is a repeat and gets the next round."""
    sides = (row.system_a, row.response_a, row.system_b, row.response_b)
    for number in range(row.round, row.round + ROUNDS):
        if catalog.repeated(row.line, row.prompt_id, *sides, row.annotator_id, row.criterion, number) is None:
            yield replace(row, round=number)
            return
    message = f"gave this judgment more than {ROUNDS} times; remove the repeats"
    fields.refuse("annotator", "duplicate_id", message)


ROUNDS = 100
