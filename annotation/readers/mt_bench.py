"""Read the public MT-Bench votes: experts and authors one by one, GPT-4 once per comparison. Texts are not included."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.readers import orientation
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import AnnotatorRow, JudgmentRow, Outcome, PairRow, PromptRow, ResponseRow, Row, SystemRow
from annotation.readers.sources import LIMITS, Limits, records

_VOTES, _VERDICTS = "human.jsonl", "gpt4_pair.jsonl"
_GROUPS = ("expert", "author")
_OUTCOMES: dict[str, tuple[Outcome, tuple[str, ...]]] = {
    "model_a": ("a", ()),
    "model_b": ("b", ()),
    "tie": ("tie", ()),
    # The judge read both orders and contradicted itself: a tie that says nothing about position.
    "tie (inconsistent)": ("tie", ("order_collapsed",)),
}
_FAMILIES = {
    "alpaca-13b": "stanford", "claude-v1": "anthropic", "gpt-3.5-turbo": "openai",
    "gpt-4": "openai", "llama-13b": "meta", "vicuna-13b-v1.2": "lmsys",
}  # fmt: skip


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the rows of the folder; a repeated vote comes twice, and the later supersedes the earlier."""
    catalog = Catalog()
    for name in (_VOTES, _VERDICTS):
        for record in records(path / name, errors, limits):
            yield from _rows(Fields(record, errors), catalog)


def _rows(fields: Fields, catalog: Catalog) -> Iterator[Row]:
    question, turn = fields.integer("question_id", low=0, high=10**9), fields.integer("turn", low=1, high=2)
    for name, value in (("question_id", question), ("turn", turn)):
        if value is None and not fields.failed:
            fields.refuse(name, "missing", "is missing; add it, every row needs one")
    system_a, system_b = fields.identifier("model_a"), fields.identifier("model_b")
    if system_a == system_b and not fields.failed:
        fields.refuse("model_b", "identical_responses", "is the same system as model_a; correct it or remove the row")
    winner = fields.choice("winner", tuple(_OUTCOMES), "") or fields.identifier("winner")
    annotator = _annotator(fields)
    if fields.failed:
        return
    prompt_id, where = f"{question}:{turn}", {"question": question, "turn": turn}
    yield from catalog.annotator(fields, annotator)
    yield from _references(fields, catalog, prompt_id, where, sorted((system_a, system_b)))
    row = orientation.canonical(_judgment(fields, prompt_id, annotator.annotator_id, winner, where))
    if catalog.repeated(row.line, row.prompt_id, row.system_a, row.system_b, row.annotator_id):
        message = f"line {row.line} repeats a comparison by the same annotator; the later row supersedes the earlier"
        fields.errors.note(file=row.file, field="judge", message=message)
    yield row


def _references(
    fields: Fields, catalog: Catalog, prompt_id: str, where: dict[str, Any], systems: list[str]
) -> Iterator[Row]:
    file, line = fields.record.file, fields.record.line
    yield from catalog.prompt(fields, PromptRow(prompt_id, (), None, (), "", where, file, line), place="question_id")
    for name in systems:
        yield from catalog.system(fields, SystemRow(name, name, _FAMILIES.get(name), None, file, line), place="model_a")
        yield from catalog.response(fields, ResponseRow(prompt_id, name, "", None, {}, file, line), place="model_a")
    a, b = systems
    yield from catalog.pair(fields, PairRow(prompt_id, a, "", b, "", (), "", file, line))


def _annotator(fields: Fields) -> AnnotatorRow:
    name, file, line = fields.identifier("judge"), fields.record.file, fields.record.line
    if file == _VERDICTS:
        return AnnotatorRow("mt_bench:gpt-4", "judge", "GPT-4", "openai", None, "", file, line)
    group = name.split("_")[0]
    if group not in _GROUPS and not fields.failed:
        fields.refuse("judge", "bad_enum", "must be expert_<number> or author_<number>; correct it")
    shown = name.replace("_", " ").capitalize()
    return AnnotatorRow(f"mt_bench:{name}", "human", shown, None, group, "", file, line)


def _judgment(fields: Fields, prompt_id: str, annotator_id: str, winner: str, where: dict[str, Any]) -> JudgmentRow:
    outcome, flags = _OUTCOMES[winner]
    return JudgmentRow(
        prompt_id=prompt_id, system_a=fields.identifier("model_a"), response_a="",
        system_b=fields.identifier("model_b"), response_b="", annotator_id=annotator_id, criterion=None, round=0,
        outcome=outcome, strength=None, shown_order=None, rationale=None, started_at=None, submitted_at=None,
        active_ms=None, flags=flags, cluster_id=None, extra=where, file=fields.record.file, line=fields.record.line,
    )  # fmt: skip
