"""Read the verdicts of an MT-Bench judge: pairs in both orders, and single grades. Texts are not included."""

from collections.abc import Iterator
from pathlib import Path

from annotation.readers.battles import once, who
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.orientation import canonical
from annotation.readers.rows import JudgmentRow, Order, Outcome, PairRow, PromptRow, ResponseRow, Row, SystemRow
from annotation.readers.sources import LIMITS, Limits, records

WINNERS: dict[str, Outcome] = {"model_1": "a", "model_2": "b", "tie": "tie", "error": "error"}
GAMES: tuple[tuple[str, Order], ...] = (("g1", "ab"), ("g2", "ba"))


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield two judgments a pair, one a game, or one a single grade; a grade of -1 is invalid."""
    catalog = Catalog()
    for record in records(path, errors, limits, needs=("question_id", "judge", "turn")):
        fields = Fields(record, errors)
        question, turn = fields.identifier("question_id"), fields.integer("turn", low=1, high=100)
        prompt, judge = f"{question}:{turn}", _judge(fields)
        is_pair = fields.raw("g1_winner") is not None
        systems = [fields.identifier(name) for name in (("model_1", "model_2") if is_pair else ("model",))]
        if is_pair and len(set(systems)) == 1 and not fields.failed:
            fields.refuse("model_2", "identical_responses", "is the same system as model_1; remove the row")
        if fields.failed:
            continue
        yield from who(catalog, fields, judge, "judge")
        yield from _material(fields, catalog, prompt, systems)
        yield from (
            _pair(fields, catalog, prompt, systems, judge) if is_pair else _grade(fields, prompt, systems[0], judge)
        )


def _judge(fields: Fields) -> str:
    """Return the judge's name: model and prompt together, or one text."""
    value = fields.raw("judge")
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(part, str) and part for part in parts):
        fields.refuse("judge", "wrong_type", "must be a name, or a list of model and prompt; correct it")
        return ""
    return "/".join(parts)[:200]


def _material(fields: Fields, catalog: Catalog, prompt: str, systems: list[str]) -> Iterator[Row]:
    file, line = fields.record.file, fields.record.line
    yield from catalog.prompt(fields, PromptRow(prompt, (), None, (), "", {}, file, line), place="question_id")
    for name in systems:
        yield from catalog.system(fields, SystemRow(name, name, None, None, file, line), place="model")
        yield from catalog.response(fields, ResponseRow(prompt, name, "", None, {}, file, line), place="model")
    if len(systems) == 2:
        a, b = sorted(systems)
        yield from catalog.pair(fields, PairRow(prompt, a, "", b, "", (), "", file, line))


def _pair(fields: Fields, catalog: Catalog, prompt: str, systems: list[str], judge: str) -> Iterator[Row]:
    for number, (game, order) in enumerate(GAMES):
        winner = WINNERS.get(str(fields.raw(f"{game}_winner")))
        if winner is None:
            message = f"must be one of {', '.join(WINNERS)}; correct it or leave the row out"
            fields.refuse(f"{game}_winner", "bad_enum", message)
            return
        told = fields.text(f"{game}_judgment")
        row = _row(
            fields, prompt, judge, systems[0], systems[1], outcome=winner, order=order, rationale=told, round_=number
        )
        yield from once(catalog, fields, canonical(row))


def _grade(fields: Fields, prompt: str, system: str, judge: str) -> Iterator[Row]:
    score = fields.number("score", low=-1, high=10)
    if score is None:
        if not fields.failed:
            fields.refuse("score", "missing", "is missing; add it or remove the row")
        return
    told = fields.text("judgment")
    if score < 1:
        yield _row(fields, prompt, judge, system, "", outcome="invalid", order="ab", rationale=told)
        return
    if not float(score).is_integer():
        message = f"line {fields.record.line}: a score between two levels is rounded, the exact one kept in extra"
        fields.errors.note(file=fields.record.file, field="score", message=message)
    exact = {} if float(score).is_integer() else {"score": score}
    row = _row(fields, prompt, judge, system, "", outcome="rated", order="ab", rationale=told, score=round(score))
    row.extra.update(exact)
    yield row


def _row(
    fields: Fields,
    prompt: str,
    judge: str,
    first: str,
    second: str,
    *,
    outcome: Outcome | str,
    order: Order,
    rationale: str | None,
    round_: int = 0,
    score: int | None = None,
) -> JudgmentRow:
    return JudgmentRow(
        prompt_id=prompt, system_a=first, response_a="", system_b=second, response_b="", annotator_id=judge,
        criterion=fields.label("criterion"), round=round_, outcome=outcome, strength=None, shown_order=order,  # type: ignore[arg-type]
        rationale=rationale, started_at=None, submitted_at=None, active_ms=None, flags=(), cluster_id=None, extra={},
        file=fields.record.file, line=fields.record.line, score=score,
    )  # fmt: skip
