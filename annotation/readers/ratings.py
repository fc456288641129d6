"""Read judgments of single responses: a score or labels a row, in CSV, JSON lines or Parquet.

The tasks are in the campaign already; what a score or a label may be is the rubric's to say, when the row is taken in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.readers import canonical
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import JudgmentRow, Row
from annotation.readers.sources import LIMITS, Limits, Record, records

REQUIRED = ("prompt_id", "system", "annotator_id", "criterion")
COLUMNS = frozenset(
    {"prompt_id", "system", "response_id", "annotator_id", "annotator_kind", "annotator_name", "annotator_family",
     "annotator_group", "annotator_version", "criterion", "round", "score", "labels", "rationale", "started_at",
     "submitted_at", "active_ms", "flags"}
)  # fmt: skip
ROUND_CAP = 10_000
SCORE_CAP = 1_000
ACTIVE_MS_CAP = 2**31 - 1


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield who judged and what they said of each response."""
    catalog = Catalog()
    for record in records(path, errors, limits, needs=REQUIRED):
        yield from _rows(record, errors, catalog)


def _rows(record: Record, errors: ErrorLog, catalog: Catalog) -> Iterator[Row]:
    fields = Fields(record, errors)
    row = _judgment(fields)
    yield from catalog.annotator(fields, canonical.annotator(fields, row.annotator_id))
    if fields.failed:
        return
    key = (row.prompt_id, row.system_a, row.response_a, row.annotator_id, row.criterion, row.round)
    earlier = catalog.repeated(record.line, *key)
    if earlier is None:
        yield row
        return
    message = f"gave this judgment on line {earlier} already; number repeats in round or remove one"
    fields.refuse("annotator_id", "duplicate_id", message)


def _judgment(fields: Fields) -> JudgmentRow:
    """Return the judgment as the file tells it; meaningless if a field was refused."""
    score, labels = fields.integer("score", low=0, high=SCORE_CAP), _labels(fields)
    if (score is None) == (labels is None) and not fields.failed:
        fields.refuse("score", "missing", "write either a score or labels, as the criterion asks")
    return JudgmentRow(
        prompt_id=fields.identifier("prompt_id"),
        system_a=fields.identifier("system"),
        response_a=fields.optional_identifier("response_id") or "",
        system_b="",
        response_b="",
        annotator_id=fields.identifier("annotator_id"),
        criterion=fields.label("criterion"),
        round=fields.integer("round", low=0, high=ROUND_CAP) or 0,
        outcome="rated" if labels is None else "labeled",
        strength=None,
        shown_order="ab",
        rationale=fields.text("rationale"),
        started_at=fields.moment("started_at"),
        submitted_at=canonical.submitted_at(fields),
        active_ms=fields.integer("active_ms", low=0, high=ACTIVE_MS_CAP),
        flags=fields.labels("flags"),
        cluster_id=None,
        extra=fields.rest(COLUMNS),
        file=fields.record.file,
        line=fields.record.line,
        score=score,
        labels=labels,
    )


def _labels(fields: Fields) -> tuple[str, ...] | dict[str, Any] | None:
    """Return a list of labels, or labels with their severities; an empty list or object says that none applies."""
    value = fields.raw("labels")
    if value is None or value == "":
        return None
    has_severities = isinstance(value, dict) or (isinstance(value, str) and value.lstrip().startswith("{"))
    return fields.mapping("labels") if has_severities else fields.labels("labels")
