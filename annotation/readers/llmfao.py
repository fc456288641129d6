"""Read the public LLMFAO files: prompts, responses of 59 systems, votes of a crowd and verdicts of two judges."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from annotation.readers import orientation
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import (
    AnnotatorRow,
    JudgmentRow,
    Message,
    Outcome,
    PairRow,
    PromptRow,
    ResponseRow,
    Row,
    SystemRow,
)
from annotation.readers.sources import LIMITS, Limits, records

_JUDGES = {"gpt4-crowd-comparisons.csv": "GPT-4", "gpt3-crowd-comparisons.csv": "GPT-3"}
_CROWD = "crowd-comparisons.csv"
# Models and prompts are held in memory.
_TABLE_ROWS = 10_000
_NEEDED = ("id", "prompt", "model_x", "model_y", "winner", "left", "right")
# In every file the left response is model_x.
_OUTCOMES: dict[str, Outcome] = {"left": "a", "right": "b", "tie": "tie"}


@dataclass(frozen=True, slots=True)
class _Pair:
    """What the comparisons refer to by the number of a pair."""

    prompt_id: str
    left: str
    right: str
    left_name: str
    right_name: str
    has_empty: bool


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the rows of the folder; every text, worker and judge of it."""
    tables = replace(limits, rows=_TABLE_ROWS)
    models, prompts = (dict(_by_id(path / name, errors, tables)) for name in ("models.jsonl", "prompts.jsonl"))
    catalog, pairs = Catalog(), dict[str, _Pair]()
    for number, fields in _by_id(path / "pairs-crowd.jsonl", errors, limits):
        yield from _pair_rows(number, fields, catalog, models, prompts, pairs)
    for name in (_CROWD, *_JUDGES):
        for record in records(path / name, errors, limits, needs=_NEEDED):
            yield from _judgment_rows(Fields(record, errors), catalog, pairs)


def _by_id(path: Path, errors: ErrorLog, limits: Limits) -> Iterator[tuple[str, Fields]]:
    """Yield each record of a file under its id, which must be its own."""
    seen = set[str]()
    for record in records(path, errors, limits):
        fields = Fields(record, errors)
        number = fields.identifier("id")
        if number in seen:
            fields.refuse("id", "duplicate_id", "stands in an earlier row; remove one")
        seen.add(number)
        if not fields.failed:
            yield number, fields


def _pair_rows(
    number: str,
    fields: Fields,
    catalog: Catalog,
    models: dict[str, Fields],
    prompts: dict[str, Fields],
    pairs: dict[str, _Pair],
) -> Iterator[Row]:
    prompt_id, file, line = fields.identifier("prompt"), fields.record.file, fields.record.line
    prompt = _referred(fields, "prompt", prompt_id, prompts)
    if prompt and prompt.raw("text") != fields.raw("text"):
        fields.refuse("text", "prompt_mismatch", "differs from the text in prompts.jsonl; correct one of them")
    sides = [_side(fields, letter, models) for letter in "xy"]
    if fields.failed or prompt is None:
        return
    yield from catalog.prompt(fields, _prompt(prompt, prompt_id, file, line), place="text", needs_text=True)
    for letter, (name, family, response) in zip("xy", sides, strict=True):
        yield from catalog.system(fields, SystemRow(name, name, family, None, file, line), place=f"model_{letter}")
        answer = ResponseRow(prompt_id, name, "", response, {}, file, line)
        yield from catalog.response(fields, answer, place=f"result_{letter}")
    (left, _, left_text), (right, _, right_text) = sides
    a, b = sorted((left, right))
    yield from catalog.pair(fields, PairRow(prompt_id, a, "", b, "", (), "", file, line))
    has_empty = not left_text.strip() or not right_text.strip()
    pairs[number] = _Pair(prompt_id, fields.identifier("model_x"), fields.identifier("model_y"), left, right, has_empty)


def _prompt(fields: Fields, prompt_id: str, file: str, line: int) -> PromptRow:
    text, kind = fields.text("text") or "", fields.label("type")
    extra = {name: fields.raw(name) for name in ("slug", "note") if fields.raw(name) is not None}
    return PromptRow(prompt_id, (Message("user", text),), None, (kind,) if kind else (), "", extra, file, line)


def _side(fields: Fields, letter: str, models: dict[str, Fields]) -> tuple[str, str | None, str]:
    """Return name, family and response of one side of a pair."""
    model = _referred(fields, f"model_{letter}", fields.identifier(f"model_{letter}"), models)
    response = fields.text(f"result_{letter}")
    if response is None and not fields.failed:
        fields.refuse(f"result_{letter}", "missing", "is missing; write the response, or an empty text")
    if model is None:
        return "", None, ""
    name, organisation = model.identifier("name"), model.label("org")
    fields.failed = fields.failed or model.failed
    return name, organisation.lower() if organisation else None, response or ""


def _referred[Value](fields: Fields, name: str, key: str, table: dict[str, Value]) -> Value | None:
    found = table.get(key)
    if found is None and not fields.failed:
        fields.refuse(name, "unknown_ref", f"{key} is not an id of the file beside it; add it there or correct it")
    return found


def _judgment_rows(fields: Fields, catalog: Catalog, pairs: dict[str, _Pair]) -> Iterator[Row]:
    number = fields.identifier("id")
    pair = _referred(fields, "id", number, pairs)
    annotator = _annotator(fields)
    vote = fields.choice("winner", tuple(_OUTCOMES), "") or fields.identifier("winner")
    if pair:
        _check_pair(fields, pair)
    if fields.failed or pair is None:
        return
    if catalog.repeated(fields.record.line, number, annotator.annotator_id):
        fields.refuse("id", "duplicate_id", "has a judgment of this annotator in an earlier row; remove one")
        return
    yield from catalog.annotator(fields, annotator)
    yield orientation.canonical(_judgment(fields, pair, annotator.annotator_id, _OUTCOMES[vote]))


def _annotator(fields: Fields) -> AnnotatorRow:
    """Return whoever judged: the file says whether it is one of the judges, else there is a worker's number."""
    file, line = fields.record.file, fields.record.line
    if judge := _JUDGES.get(file):
        return AnnotatorRow(f"llmfao:{judge}", "judge", judge, "openai", None, "", file, line)
    worker = fields.identifier("worker")
    return AnnotatorRow(f"llmfao:{worker}", "human", f"Worker {worker}", None, None, "", file, line)


def _check_pair(fields: Fields, pair: _Pair) -> None:
    """Refuse a row that tells its pair differently from pairs-crowd.jsonl."""
    told = {
        "prompt": pair.prompt_id, "model_x": pair.left, "model_y": pair.right,
        "left": pair.left_name, "right": pair.right_name,
    }  # fmt: skip
    for name, value in told.items():
        if fields.identifier(name) != value:
            fields.refuse(name, "unknown_ref", f"is {value!r} in pairs-crowd.jsonl for this id; correct one of them")


def _judgment(fields: Fields, pair: _Pair, annotator_id: str, outcome: Outcome) -> JudgmentRow:
    if pair.has_empty:
        message = "some judged pairs have an empty response; kept, their judgments carry the flag empty_response"
        fields.errors.note(file="pairs-crowd.jsonl", field="result_x", message=message)
    return JudgmentRow(
        prompt_id=pair.prompt_id, system_a=pair.left_name, response_a="", system_b=pair.right_name, response_b="",
        annotator_id=annotator_id, criterion=None, round=0, outcome=outcome, strength=None, shown_order="ab",
        rationale=None, started_at=None, submitted_at=None, active_ms=None,
        flags=("empty_response",) if pair.has_empty else (), cluster_id=None,
        extra={"pair": fields.identifier("id")}, file=fields.record.file, line=fields.record.line,
    )  # fmt: skip
