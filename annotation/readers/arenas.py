"""Read battles of public arenas: Chatbot Arena in its old and new form, MT-Bench, HelpSteer3, plain CSV."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotation.readers.battles import Story, Verdict, prompt_id, unnamed
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import Message, Outcome, Row
from annotation.readers.sources import LIMITS, Limits, records

WINNERS: dict[str, Outcome] = {
    "model_a": "a", "model_b": "b", "tie": "tie", "tie (bothbad)": "both_bad", "both_bad": "both_bad",
    "bothbad": "both_bad", "tie (inconsistent)": "tie",
}  # fmt: skip
CHOICES: dict[str, Outcome] = {"1": "a", "2": "b", "tie": "tie"}
KNOWN = frozenset(
    {"question_id", "id", "model_a", "model_b", "winner", "judge", "conversation_a", "conversation_b", "turn", "anony",
     "language", "tstamp", "order_known", "annotator_kind", "criterion", "round", "full_conversation"}
)  # fmt: skip
HELPSTEER = ("context", "response1", "response2")
PLAIN = ("prompt", "response_1", "response_2", "annotator", "choice")


def read_arena(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield one battle a row; model_a was shown left unless the file says that the order is not known."""
    story = Story(Catalog(), prompt_field="conversation_a", sides=("model_a", "model_b"))
    for record in records(path, errors, limits, needs=("model_a", "model_b", "winner")):
        fields = Fields(record, errors)
        found = [_conversation(fields, name) for name in ("conversation_a", "conversation_b")]
        (prompt, first), (other, second) = found
        if not fields.failed and prompt != other:
            fields.refuse(
                "conversation_b", "prompt_mismatch", "asks something else than conversation_a; remove the row"
            )
        verdict = _verdict(fields)
        names = [fields.identifier(name) for name in ("model_a", "model_b")]
        if fields.failed:
            continue
        # A question may be asked of the same system many times; each text is a response of its own.
        sides = [unnamed(text, system) for system, text in zip(names, (first, second), strict=True)]
        question = fields.optional_identifier(fields.first_of("question_id", "id")) or ""
        asked = question if _is_ours(fields) and question else prompt_id(prompt)
        yield from story.tell(fields, asked, prompt, sides[0], sides[1], [verdict], language=_language(fields))


def read_helpsteer3(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield each individual preference; their annotators have no ids, so each is a slot of its row."""
    story = Story(Catalog(), prompt_field="context", sides=("response1", "response2"))
    for record in records(path, errors, limits, needs=HELPSTEER):
        fields = Fields(record, errors)
        messages = fields.messages("context")
        texts = [_text(fields, name) for name in HELPSTEER[1:]]
        if not messages and not fields.failed:
            fields.refuse("context", "missing", "is missing; add the conversation")
        verdicts = _preferences(fields)
        if not fields.failed:
            sides = [unnamed(text) for text in texts]
            yield from story.tell(fields, prompt_id(messages), messages, sides[0], sides[1], verdicts)


def read_plain(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield one judgment a row of a table: prompt, response_1, response_2, annotator, choice (1, 2 or tie)."""
    story = Story(Catalog(), prompt_field="prompt", sides=PLAIN[1:3])
    for record in records(path, errors, limits, needs=PLAIN):
        fields = Fields(record, errors)
        prompt, first, second = (_text(fields, name) for name in PLAIN[:3])
        choice = fields.raw("choice")
        outcome = CHOICES.get(str(choice)) if choice is not None else None
        if outcome is None:
            fields.refuse("choice", "bad_enum", "must be one of 1, 2, tie; correct it or leave the row out")
        strength = fields.integer("strength", low=-3, high=3)
        if strength is not None and outcome and (strength > 0) - (strength < 0) != {"a": 1, "b": -1}.get(outcome, 0):
            fields.refuse("strength", "bad_range", "does not go with choice: above 0 means response 1; correct one")
        told = Verdict(
            fields.identifier("annotator"), outcome or "tie", strength=strength, criterion=fields.label("criterion"),
            submitted_at=fields.moment("timestamp"), extra=fields.rest((*PLAIN, "strength", "criterion", "timestamp")),
        )  # fmt: skip
        if not fields.failed:
            messages = (Message("user", prompt),)
            yield from story.tell(fields, prompt_id(messages), messages, unnamed(first), unnamed(second), [told])


def _verdict(fields: Fields) -> Verdict:
    outcome = WINNERS.get(str(fields.raw("winner")))
    if outcome is None:
        fields.refuse("winner", "bad_enum", f"must be one of {', '.join(WINNERS)}; correct it or leave the row out")
    order_known = fields.raw("order_known")
    collapsed = fields.raw("winner") == "tie (inconsistent)"
    flags = (("order_collapsed",) if collapsed else ()) + (("unblinded",) if fields.raw("anony") is False else ())
    kind = fields.choice("annotator_kind", ("human", "judge", "oracle", "heuristic"), "human")
    return Verdict(
        annotator_id=fields.optional_identifier("judge") or "unnamed",
        outcome=outcome or "tie",
        kind=kind,  # type: ignore[arg-type]
        criterion=fields.label("criterion"),
        shown_order=None if order_known is False or collapsed else "ab",
        submitted_at=_stamp(fields),
        round=fields.integer("round", low=0, high=10_000) or 0,
        flags=flags,
        extra=fields.rest(KNOWN),
    )


def _conversation(fields: Fields, name: str) -> tuple[tuple[Message, ...], str]:
    """Return the prompt and the last answer of a conversation."""
    messages = fields.messages(name)
    if not messages and not fields.failed:
        fields.refuse(name, "missing", "is missing; add the conversation")
    if fields.failed:
        return (), ""
    if messages[-1].role != "assistant" or len(messages) < 2:
        fields.refuse(name, "wrong_type", "must be a prompt and end with an assistant turn; correct it")
        return (), ""
    return messages[:-1], messages[-1].content


def _is_ours(fields: Fields) -> bool:
    """Tell whether the row says if its order is known, as the project's own releases do."""
    return fields.raw("order_known") is not None


def _language(fields: Fields) -> str | None:
    name = fields.raw("language")
    return None if name in (None, "", "unknown") else fields.label("language")


def _stamp(fields: Fields) -> datetime | None:
    seconds = fields.number("tstamp", low=0, high=253_402_300_799)
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    if moment > datetime.now(UTC):
        fields.refuse("tstamp", "bad_range", "lies in the future; correct it")
        return None
    return moment


def _preferences(fields: Fields) -> list[Verdict]:
    value = fields.raw("individual_preference")
    entries: list[Any] = value if isinstance(value, list) else []
    if value is not None and not isinstance(value, list):
        fields.refuse("individual_preference", "wrong_type", "must be a list of preferences; correct it")
    if not entries and not fields.failed:
        entries = [{"score": fields.raw("overall_preference")}]
    criterion = fields.label("criterion")
    found = []
    for place, entry in enumerate(entries):
        score = entry.get("score") if isinstance(entry, dict) else None
        if isinstance(score, bool) or not isinstance(score, int) or not -3 <= score <= 3:
            where = f"individual_preference/{place}/score" if value else "overall_preference"
            fields.refuse(where, "bad_range", "must be a whole number from -3 to 3; correct it")
            continue
        reasoning = entry.get("reasoning")
        outcome: Outcome = "tie" if score == 0 else "a" if score < 0 else "b"
        slot = f"hs3:{fields.record.line}:{place}" if value else "aggregate"
        found.append(
            Verdict(
                slot, outcome, kind="human" if value else "oracle", strength=-score, criterion=criterion,
                rationale=reasoning if isinstance(reasoning, str) else None, flags=("anonymous_slot",) if value else (),
            )
        )  # fmt: skip
    return found


def _text(fields: Fields, name: str) -> str:
    text = fields.text(name)
    if not fields.failed and not (text or "").strip():
        fields.refuse(name, "missing" if text is None else "empty_response", "is empty; add the text or remove the row")
    return text or ""
