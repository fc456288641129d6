"""Read votes of the Chatbot Arena: two conversations side by side, one person's choice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.readers import judge_files
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.judge_files import Pair, Said
from annotation.readers.rows import AnnotatorRow, Message, Outcome, Row
from annotation.readers.sources import LIMITS, Limits, records

_WINNERS: dict[str, Outcome] = {
    "model_a": "a", "model_b": "b", "tie": "tie", "tie (bothbad)": "both_bad", "both_bad": "both_bad",
    "bothbad": "both_bad",
}  # fmt: skip


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield each vote; the left conversation is model_a's, and who saw the names is flagged."""
    catalog = Catalog()
    for record in records(path, errors, limits):
        fields = Fields(record, errors)
        first, second = (_conversation(fields, name) for name in ("conversation_a", "conversation_b"))
        prompt_id = fields.identifier(fields.first_of("question_id", "id"))
        winner = fields.choice("winner", tuple(_WINNERS), "tie") if fields.raw("winner") is not None else ""
        if not winner:
            fields.refuse("winner", "missing", "is missing; add it, every vote needs one")
            continue
        pair = Pair(
            prompt_id=prompt_id, system_1=fields.identifier("model_a"), system_2=fields.identifier("model_b"),
            messages=(Message("user", first[0]),) if first[0] else (), text_1=first[1], text_2=second[1],
            about={"language": fields.raw("language")},
        )  # fmt: skip
        flags = ("unblinded",) if fields.raw("anony") is False else ()
        said = Said(outcome=_WINNERS[winner], order="ab", flags=flags, extra={"turn": fields.raw("turn")})
        yield from judge_files.rows(fields, catalog, pair, _person(fields), [said])


def _person(fields: Fields) -> AnnotatorRow:
    name = fields.optional_identifier("judge") or fields.optional_identifier("evaluation_session_id") or "anonymous"
    return AnnotatorRow(f"arena:{name}", "human", name, None, None, "", fields.record.file, fields.record.line)


def _conversation(fields: Fields, name: str) -> tuple[str, str | None]:
    """Return the first question and what the system said, its later turns with the questions between them."""
    turns = fields.raw(name)
    if turns is None:
        return "", None
    if not isinstance(turns, list) or not all(_is_turn(turn) for turn in turns) or not turns:
        fields.refuse(name, "wrong_type", "is a list of {role, content}; correct it")
        return "", None
    later = turns[1:]
    if len(later) == 1:
        return turns[0]["content"], later[0]["content"]
    return turns[0]["content"], "\n\n".join(f"[{turn['role']}] {turn['content']}" for turn in later)


def _is_turn(turn: Any) -> bool:
    return isinstance(turn, dict) and isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)
