"""Read `tasks/1`: prompts and responses that nobody has judged yet, and optionally which of them to compare."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import Message, PairRow, PromptRow, ResponseRow, Row, SystemRow
from annotation.readers.sources import LIMITS, Limits, Record, find, records

COLUMNS = frozenset(
    {"prompt_id", "prompt", "messages", "system", "system_family", "response_id", "response", "tags", "pool",
     "language", "generation"}
)  # fmt: skip
PAIR_COLUMNS = frozenset(
    {"prompt_id", "system_a", "system_b", "response_a_id", "response_b_id", "response_a", "response_b", "tags", "pool"}
)


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the rows of a tasks file, or of a folder with a tasks file and optionally a pairs file."""
    yield from read_into(Catalog(), path, errors, limits)


def read_into(catalog: Catalog, path: Path, errors: ErrorLog, limits: Limits) -> Iterator[Row]:
    """Yield the same rows, and leave in the catalog what they say."""
    if not path.is_dir():
        yield from _read_responses(path, errors, limits, catalog)
        return
    tasks = find(path, "tasks", errors, required=True)
    pairs = find(path, "pairs", errors, required=False)
    if tasks:
        yield from _read_responses(tasks, errors, limits, catalog)
        if pairs:
            yield from _read_pairs(pairs, errors, limits, catalog)


def _read_responses(path: Path, errors: ErrorLog, limits: Limits, catalog: Catalog) -> Iterator[Row]:
    """Yield each prompt, system and response of a tasks file."""
    for record in records(path, errors, limits, needs=("prompt_id", "system", "response")):
        yield from _response_rows(record, errors, catalog)


def _read_pairs(path: Path, errors: ErrorLog, limits: Limits, catalog: Catalog) -> Iterator[Row]:
    """Yield each comparison a pairs file asks for; its responses must be known."""
    for record in records(path, errors, limits, needs=("prompt_id", "system_a", "system_b")):
        yield from _pair_rows(record, errors, catalog)


def _response_rows(record: Record, errors: ErrorLog, catalog: Catalog) -> Iterator[Row]:
    fields, file, line = Fields(record, errors), record.file, record.line
    prompt_id, system_id = fields.identifier("prompt_id"), fields.identifier("system")
    response_id = fields.optional_identifier("response_id") or ""
    place, messages, more = _prompt(fields)
    language, tags, pool = fields.label("language"), fields.labels("tags"), fields.label("pool") or ""
    family, generation = fields.label("system_family"), fields.mapping("generation")
    text, extra = _response(fields), fields.rest(COLUMNS)
    if not fields.failed and catalog.has_response(prompt_id, system_id, response_id):
        message = "this prompt has this system's response already; number them in response_id or remove one"
        fields.refuse("response_id", "duplicate_id", message)
    prompt = PromptRow(prompt_id, messages, language, tags, pool, more, file, line)
    yield from catalog.prompt(fields, prompt, place=place, needs_text=True)
    yield from catalog.system(fields, SystemRow(system_id, system_id, family, generation, file, line), place="system")
    response = ResponseRow(prompt_id, system_id, response_id, text, extra, file, line)
    yield from catalog.response(fields, response, place="response")


def _prompt(fields: Fields) -> tuple[str, tuple[Message, ...], dict[str, Any]]:
    """Return which column holds the prompt, its turns, and what of the turns is more than role and content."""
    if fields.raw("messages") is None:
        text = fields.text("prompt")
        return "prompt", (Message("user", text),) if text and text.strip() else (), {}
    if fields.raw("prompt") is not None:
        fields.refuse("prompt", "conflict", "stands beside messages; give one of the two")
    messages = fields.messages("messages")
    raw = fields.raw("messages")
    has_more = isinstance(raw, list) and any(isinstance(turn, dict) and len(turn) > 2 for turn in raw)
    return "messages", messages, {"messages": raw} if has_more and not fields.failed else {}


def _response(fields: Fields) -> str | None:
    text = fields.text("response")
    if fields.failed or (text and text.strip()):
        return text
    if "response" not in fields.record.values or (text is None and fields.record.typed):
        fields.refuse("response", "missing", "is missing; add the text, or leave the row out")
    else:
        fields.refuse("response", "empty_response", "is empty; leave the row out or write what the system answered")
    return None


def _pair_rows(record: Record, errors: ErrorLog, catalog: Catalog) -> Iterator[Row]:
    fields = Fields(record, errors)
    prompt_id = fields.identifier("prompt_id")
    sides = [_side(fields, "a"), _side(fields, "b")]
    for side, key in zip("ab", sides, strict=True):
        if not fields.failed and not catalog.has_response(prompt_id, *key):
            message = (
                f"the tasks file has no response {key[1]!r} of {key[0]!r} to this prompt; add it or correct the row"
            )
            fields.refuse(f"system_{side}", "unknown_ref", message)
    first, second = sides
    if not fields.failed and (first == second or catalog.have_same_text(prompt_id, first, second)):
        fields.refuse("system_b", "identical_responses", "says the same as system_a; remove the pair")
    for name in set(record.values) - PAIR_COLUMNS:
        fields.refuse(name, "wrong_type", "is not a column of a pairs file; remove it or correct its name")
    (a, b), tags, pool = sorted(sides), fields.labels("tags"), fields.label("pool") or ""
    pair = PairRow(prompt_id, *a, *b, tags, pool, record.file, record.line)
    is_new = False
    for row in catalog.pair(fields, pair):
        is_new = True
        yield row
    if not is_new and not fields.failed:
        fields.refuse("system_b", "duplicate_id", "this pair stands in an earlier row; remove one")


def _side(fields: Fields, side: str) -> tuple[str, str]:
    response = fields.first_of(f"response_{side}_id", f"response_{side}")
    return fields.identifier(f"system_{side}"), fields.optional_identifier(response) or ""
