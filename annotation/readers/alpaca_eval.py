"""Read AlpacaEval's annotations: two outputs of one instruction, and a judge's preference from 1 to 2."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from annotation.readers import judge_files
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.judge_files import Pair, Said
from annotation.readers.rows import Message, Outcome, Row
from annotation.readers.sources import LIMITS, Limits, records

DRAWS = (0.0, 1.5)
KEPT = ("price_per_example", "time_per_example")


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield each preference; its fraction is the judge's probability, and nobody knows what was shown first."""
    catalog = Catalog()
    for record in records(path, errors, limits):
        fields = Fields(record, errors)
        instruction = fields.text("instruction") or ""
        pair = Pair(
            prompt_id=hashlib.sha256(instruction.encode()).hexdigest()[:16],
            system_1=fields.identifier("generator_1"), system_2=fields.identifier("generator_2"),
            messages=(Message("user", instruction),), text_1=fields.text("output_1"), text_2=fields.text("output_2"),
            about={"dataset": fields.raw("dataset")},
        )  # fmt: skip
        if not instruction and not fields.failed:
            fields.refuse("instruction", "missing", "is missing; add it, every row needs one")
        who = judge_files.judge(fields, "alpaca_eval", fields.identifier("annotator"))
        yield from judge_files.rows(fields, catalog, pair, who, [_said(fields)])


def _said(fields: Fields) -> Said:
    preference = fields.number("preference", low=0, high=2)
    kept = {name: fields.raw(name) for name in KEPT if fields.raw(name) is not None}
    if preference is None:
        return Said(outcome="invalid", order=None, extra=kept)
    if preference in DRAWS:
        return Said(outcome="tie", order=None, extra=kept | {"p_a": 0.5, "p_b": 0.5})
    if preference < 1:
        fields.refuse("preference", "bad_range", "lies between 1 and 2, or is 0 for a draw; correct it")
    outcome: Outcome = "a" if preference < 1.5 else "b"
    return Said(outcome=outcome, order=None, extra=kept | {"p_a": 2 - preference, "p_b": preference - 1})
