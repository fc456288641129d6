"""Read `judgment/1`: one judgment a row, in CSV, JSON lines or Parquet."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast, get_args

from annotation.readers import orientation, tasks
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import ID_CAP, Fields
from annotation.readers.rows import (
    AnnotatorRow,
    JudgmentRow,
    Kind,
    Order,
    Outcome,
    PairRow,
    PromptRow,
    ResponseRow,
    Row,
    SystemRow,
)
from annotation.readers.sources import LIMITS, Limits, Record, find, records

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
KINDS: tuple[Kind, ...] = get_args(Kind)
REQUIRED = ("prompt_id", "system_a", "system_b", "annotator_id", "outcome")
COLUMNS = frozenset(
    {"prompt_id", "system_a", "system_b", "response_a_id", "response_b_id", "response_a", "response_b", "annotator_id",
     "annotator_kind", "annotator_name", "annotator_family", "annotator_group", "annotator_version", "criterion",
     "round", "outcome", "strength", "shown_order", "rationale", "started_at", "submitted_at", "active_ms", "flags",
     "cluster_id", "extra", "p_a", "task_type", "language", "tags", "pool", "system_a_family", "system_b_family"}
)  # fmt: skip
ANNOTATOR_COLUMNS = (
    "annotator_id", "annotator_kind", "annotator_name", "annotator_family", "annotator_group", "annotator_version",
)  # fmt: skip
REFERENCE_COLUMNS = (
    "prompt_id", "system_a", "system_b", "response_a_id", "response_b_id", "response_a", "response_b", "language",
    "tags", "pool", "system_a_family", "system_b_family",
)  # fmt: skip
KEPT_COLUMNS = frozenset(
    {"judgment_id", "campaign_id", "task_id", "task_snapshot_sha256", "rubric_sha256", "is_gold", "is_sentinel",
     "repeat_of", "split", "provenance", "superseded_by", "excluded_by", "audit_index"}
)  # fmt: skip

_SIGNS: dict[str, tuple[int, int]] = {"a": (1, 3), "b": (-3, -1), "tie": (0, 0), "both_bad": (0, 0)}
_ROUND_CAP = 10_000
_ACTIVE_MS_CAP = 2**31 - 1


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the rows of a judgments file, or of a folder with one and optionally a tasks and a pairs file."""
    catalog, judgments = Catalog(), path
    if path.is_dir():
        found = find(path, "judgments", errors, required=True)
        if found is None:
            return
        judgments = found
        if find(path, "tasks", errors, required=False):
            yield from tasks.read_into(catalog, path, errors, limits)
            catalog.closed = True
    for record in records(judgments, errors, limits, needs=REQUIRED):
        yield from _rows(record, errors, catalog)


def _rows(record: Record, errors: ErrorLog, catalog: Catalog) -> Iterator[Row]:
    fields = Fields(record, errors)
    row = _judgment(fields)
    first, second = (row.system_a, row.response_a), (row.system_b, row.response_b)
    if not fields.failed and first == second:
        fields.refuse(
            "system_b", "identical_responses", "is the same response as system_a; correct it or remove the row"
        )
    # Most rows name what earlier ones have named in the same words; reading those again is most of the work.
    yield from catalog.first_time(fields, ANNOTATOR_COLUMNS, _annotator(fields, catalog, row))
    yield from catalog.first_time(fields, REFERENCE_COLUMNS, _references(fields, catalog, row))
    yield from _once(fields, catalog, orientation.canonical(row))


def _annotator(fields: Fields, catalog: Catalog, row: JudgmentRow) -> Iterator[Row]:
    yield from catalog.annotator(fields, annotator(fields, row.annotator_id))


def _references(fields: Fields, catalog: Catalog, row: JudgmentRow) -> Iterator[Row]:
    """Yield what the judgment refers to and nobody has named before."""
    language, tags, pool = fields.label("language"), fields.labels("tags"), fields.label("pool") or ""
    prompt = PromptRow(row.prompt_id, (), language, tags, pool, {}, row.file, row.line)
    yield from catalog.prompt(fields, prompt, place="prompt_id")
    sides = ((row.system_a, row.response_a), (row.system_b, row.response_b))
    for place, (system, response) in zip(("system_a", "system_b"), sides, strict=True):
        family = fields.label(f"{place}_family")
        yield from catalog.system(fields, SystemRow(system, system, family, None, row.file, row.line), place=place)
        answer = ResponseRow(row.prompt_id, system, response, None, {}, row.file, row.line)
        yield from catalog.response(fields, answer, place=place)
    a, b = sorted(sides)
    yield from catalog.pair(fields, PairRow(row.prompt_id, *a, *b, tags, pool, row.file, row.line))


def _once(fields: Fields, catalog: Catalog, row: JudgmentRow) -> Iterator[JudgmentRow]:
    """Yield a judgment that was not given before, or that supersedes one marked as superseded."""
    if fields.failed:
        return
    if catalog.have_same_text(row.prompt_id, (row.system_a, row.response_a), (row.system_b, row.response_b)):
        row = replace(row, flags=(*row.flags, "identical_responses"))
        fields.errors.note(file=row.file, field="flags", message="some judged pairs have equal texts; flagged")
    key = (
        row.prompt_id,
        row.system_a,
        row.response_a,
        row.system_b,
        row.response_b,
        row.annotator_id,
        row.criterion,
        row.round,
    )
    earlier = None if row.extra.get("superseded_by") else catalog.repeated(row.line, *key)
    if earlier is None:
        yield row
        return
    message = (
        f"gave this judgment on line {earlier} already; number repeats in round, or mark the earlier with superseded_by"
    )
    fields.refuse("annotator_id", "duplicate_id", message)


def _judgment(fields: Fields) -> JudgmentRow:
    """Return the judgment as the file tells it; meaningless if a field was refused."""
    outcome = _outcome(fields)
    order = fields.choice("shown_order", ("ab", "ba"), "")
    return JudgmentRow(
        prompt_id=fields.identifier("prompt_id"),
        system_a=fields.identifier("system_a"),
        response_a=_response(fields, "a"),
        system_b=fields.identifier("system_b"),
        response_b=_response(fields, "b"),
        annotator_id=fields.identifier("annotator_id"),
        criterion=fields.label("criterion"),
        round=fields.integer("round", low=0, high=_ROUND_CAP) or 0,
        outcome=outcome,
        strength=_strength(fields, outcome),
        shown_order=cast(Order, order) if order else None,
        rationale=fields.text("rationale"),
        started_at=fields.moment("started_at"),
        submitted_at=submitted_at(fields),
        active_ms=fields.integer("active_ms", low=0, high=_ACTIVE_MS_CAP),
        flags=fields.labels("flags"),
        cluster_id=fields.label("cluster_id"),
        extra=_extra(fields),
        file=fields.record.file,
        line=fields.record.line,
    )


def _response(fields: Fields, side: str) -> str:
    return fields.optional_identifier(fields.first_of(f"response_{side}_id", f"response_{side}")) or ""


def _outcome(fields: Fields) -> Outcome:
    if fields.raw("outcome") is None:
        fields.refuse("outcome", "missing", f"is missing; write one of {', '.join(OUTCOMES)}")
    fields.choice("task_type", ("comparison",), "comparison")
    return fields.choice("outcome", OUTCOMES, "tie")


def _strength(fields: Fields, outcome: Outcome) -> int | None:
    """Return the strength; its sign must say what the outcome says."""
    strength = fields.integer("strength", low=-3, high=3)
    if strength is None or fields.failed:
        return None
    low, high = _SIGNS.get(outcome, (1, 0))
    if not low <= strength <= high:
        message = f"does not go with outcome {outcome}: above 0 means a is better, 0 a tie; correct one of them"
        fields.refuse("strength", "bad_range", message)
    return strength


def submitted_at(fields: Fields) -> datetime | None:
    """Return when a row was answered, refusing a moment before its start."""
    started, submitted = fields.moment("started_at"), fields.moment("submitted_at")
    if started and submitted and submitted < started:
        fields.refuse("submitted_at", "bad_range", "lies before started_at; correct one of them")
    return submitted


def _extra(fields: Fields) -> dict[str, Any]:
    extra = (fields.mapping("extra") or {}) | fields.rest(COLUMNS, KEPT_COLUMNS)
    probability = fields.number("p_a", low=0, high=1)
    return extra if probability is None else extra | {"p_a": probability, "p_b": 1 - probability}


def annotator(fields: Fields, annotator_id: str) -> AnnotatorRow:
    """Return who a row says has judged."""
    given = fields.choice("annotator_kind", (*KINDS, "llm"), "human")
    kind: Kind = "judge" if given == "llm" else cast(Kind, given)
    name, version = fields.label("annotator_name", cap=ID_CAP), fields.label("annotator_version", cap=ID_CAP)
    family, group = fields.label("annotator_family"), fields.label("annotator_group")
    file, line = fields.record.file, fields.record.line
    return AnnotatorRow(annotator_id, kind, name or annotator_id, family, group, version or "", file, line)
