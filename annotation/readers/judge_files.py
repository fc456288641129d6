"""What the files of judging tools have in common: two systems on one prompt, and somebody's verdict on them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from annotation.readers import orientation
from annotation.readers.catalog import Catalog
from annotation.readers.fields import Fields
from annotation.readers.rows import (
    AnnotatorRow,
    JudgmentRow,
    Message,
    Order,
    Outcome,
    PairRow,
    PromptRow,
    ResponseRow,
    Row,
    SystemRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One comparison as a file tells it; texts are None where it does not hold them."""

    prompt_id: str
    system_1: str
    system_2: str
    messages: tuple[Message, ...] = ()
    text_1: str | None = None
    text_2: str | None = None
    language: str | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One verdict on a pair, in the file's own order of the two systems."""

    outcome: Outcome
    order: Order | None
    round: int = 0
    strength: int | None = None
    rationale: str | None = None
    flags: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


def rows(fields: Fields, catalog: Catalog, pair: Pair, who: AnnotatorRow, verdicts: list[Said]) -> Iterator[Row]:
    """Yield what is new of the pair, and its verdicts in canonical order."""
    if pair.system_1 == pair.system_2 and not fields.failed:
        fields.refuse("model", "identical_responses", "both responses are of one system; correct it or leave it out")
    if fields.failed:
        return
    file, line = fields.record.file, fields.record.line
    prompt = PromptRow(pair.prompt_id, pair.messages, pair.language, (), "", pair.about, file, line)
    yield from catalog.prompt(fields, prompt, place="question_id")
    yield from catalog.annotator(fields, who)
    for system, text in ((pair.system_1, pair.text_1), (pair.system_2, pair.text_2)):
        yield from catalog.system(fields, SystemRow(system, system, None, None, file, line), place="model")
        yield from catalog.response(
            fields, ResponseRow(pair.prompt_id, system, "", text, {}, file, line), place="model"
        )
    a, b = sorted((pair.system_1, pair.system_2))
    yield from catalog.pair(fields, PairRow(pair.prompt_id, a, "", b, "", (), "", file, line))
    for said in verdicts:
        row = orientation.canonical(_judgment(fields, pair, who, said))
        if catalog.repeated(line, pair.prompt_id, a, b, who.annotator_id, row.round) is None:
            yield row
        else:
            fields.refuse("judge", "duplicate_id", "judged this comparison in an earlier row; remove one")


def _judgment(fields: Fields, pair: Pair, who: AnnotatorRow, said: Said) -> JudgmentRow:
    return JudgmentRow(
        prompt_id=pair.prompt_id, system_a=pair.system_1, response_a="", system_b=pair.system_2, response_b="",
        annotator_id=who.annotator_id, criterion=None, round=said.round, outcome=said.outcome,
        strength=said.strength, shown_order=said.order, rationale=said.rationale, started_at=None, submitted_at=None,
        active_ms=None, flags=said.flags, cluster_id=None, extra=said.extra, file=fields.record.file,
        line=fields.record.line,
    )  # fmt: skip


def judge(fields: Fields, tool: str, name: str, *, version: str = "") -> AnnotatorRow:
    """Return the row of a judge, under the tool that ran it."""
    return AnnotatorRow(
        f"{tool}:{name}", "judge", name, family(name), None, version, fields.record.file, fields.record.line
    )


FAMILIES = {"gpt": "openai", "o1": "openai", "claude": "anthropic", "gemini": "google", "llama": "meta"}


def family(name: str) -> str | None:
    """Guess the maker from a model's name; a name that does not begin with a known one has none."""
    return next((maker for begins, maker in FAMILIES.items() if name.lower().startswith(begins)), None)
