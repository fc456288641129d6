"""Read what MT-Bench's judges wrote: pair judgments in both orders, and grades of single answers."""

from collections.abc import Iterator
from pathlib import Path

from annotation.readers import judge_files
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.judge_files import Pair, Said
from annotation.readers.rows import AnnotatorRow, JudgmentRow, Order, Outcome, Row
from annotation.readers.sources import LIMITS, Limits, records

# A game that could not be read is no tie.
_WINNERS: dict[str, Outcome] = {"model_1": "a", "model_2": "b", "tie": "tie", "error": "invalid"}
FAILED, HIGHEST = -1, 10
# The first game shows model_1 first, the second model_2; winners are named either way.
GAMES: tuple[tuple[str, Order], ...] = (("g1", "ab"), ("g2", "ba"))


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield pairs with their two games as rounds 0 and 1, or ratings; a file may hold both."""
    catalog = Catalog()
    for record in records(path, errors, limits):
        fields = Fields(record, errors)
        yield from _single(fields, catalog) if "score" in record.values else _pair(fields, catalog)


def _pair(fields: Fields, catalog: Catalog) -> Iterator[Row]:
    prompt_id, turn = _prompt_id(fields)
    pair = Pair(
        prompt_id=prompt_id, system_1=fields.identifier("model_1"), system_2=fields.identifier("model_2"),
        about={"question": fields.raw("question_id"), "turn": turn},
    )  # fmt: skip
    extra = {"question": fields.raw("question_id"), "turn": turn}
    games = [
        Said(
            outcome=_WINNERS[_required(fields, f"{game}_winner")], order=order, round=number, extra=extra,
            rationale=fields.text(f"{game}_judgment"),
        )
        for number, (game, order) in enumerate(GAMES)
    ]  # fmt: skip
    yield from judge_files.rows(fields, catalog, pair, _judge(fields), games)


def _required(fields: Fields, name: str) -> str:
    if fields.raw(name) is None:
        fields.refuse(name, "missing", "is missing; add the winner of this game, or error")
        return "error"
    return fields.choice(name, tuple(_WINNERS), "error")


def _single(fields: Fields, catalog: Catalog) -> Iterator[Row]:
    prompt_id, turn = _prompt_id(fields)
    score = fields.integer("score", low=FAILED, high=HIGHEST)
    who, system = _judge(fields), fields.identifier("model")
    if score == 0 and not fields.failed:
        fields.refuse("score", "bad_range", "must lie between 1 and 10, or be -1 where the judge failed")
    yield from catalog.annotator(fields, who)
    if fields.failed:
        return
    has_failed = score is None or score == FAILED
    yield JudgmentRow(
        prompt_id=prompt_id, system_a=system, response_a="", system_b="", response_b="",
        annotator_id=who.annotator_id, criterion=None, round=0, outcome="invalid" if has_failed else "rated",
        strength=None, shown_order="ab", rationale=fields.text("judgment"), started_at=None, submitted_at=None,
        active_ms=None, flags=(), cluster_id=None, extra={"question": fields.raw("question_id"), "turn": turn},
        file=fields.record.file, line=fields.record.line, score=None if has_failed else score,
    )  # fmt: skip


def _prompt_id(fields: Fields) -> tuple[str, int]:
    turn = fields.integer("turn", low=1, high=2) or 1
    return f"{fields.identifier('question_id')}:{turn}", turn


def _judge(fields: Fields) -> AnnotatorRow:
    """Return the judge: a model and the name of its prompt are one judge."""
    given = fields.raw("judge")
    parts = given if isinstance(given, list) else [given]
    if not parts or not all(isinstance(part, str) and part.isprintable() and part for part in parts):
        fields.refuse("judge", "wrong_type", "is [model, prompt name]; correct it")
        parts = ["unknown"]
    return judge_files.judge(fields, "mt_bench", " ".join(parts)[:200])
