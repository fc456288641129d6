"""Read preference data for training: the types of TRL, and the transcripts of Anthropic's HH."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.readers.battles import Story, aggregate, prompt_id, unnamed
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import Message, Row
from annotation.readers.sources import LIMITS, Limits, records

HUMAN, ASSISTANT = "\n\nHuman:", "\n\nAssistant:"
ARMS = ("chosen", "rejected")


def read_preference(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the rows of TRL's preference types: the prompt apart or inside both arms, as text or as messages."""
    story = Story(Catalog(), prompt_field="prompt", sides=ARMS)
    for record in records(path, errors, limits, needs=ARMS):
        fields = Fields(record, errors)
        has_prompt = fields.raw("prompt") is not None
        arms = [_arm(fields, name) for name in ARMS]
        prompt = _turns(fields, "prompt") if has_prompt else _shared(fields, arms)
        answers = [
            _answer(fields, name, arm, () if has_prompt else prompt) for name, arm in zip(ARMS, arms, strict=True)
        ]
        if fields.failed:
            continue
        criterion = fields.label("criterion")
        told = aggregate("a", criterion=criterion, extra=_beside(fields))
        yield from story.tell(fields, prompt_id(prompt), prompt, unnamed(answers[0]), unnamed(answers[1]), [told])


def read_hh(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the rows of HH: both arms are whole transcripts that part at some turn."""
    story = Story(Catalog(), prompt_field="chosen", sides=ARMS)
    for record in records(path, errors, limits, needs=ARMS):
        fields = Fields(record, errors)
        chosen, rejected = (_transcript(fields, name) for name in ARMS)
        if fields.failed:
            continue
        prefix = _common(chosen, rejected)
        messages = _messages(prefix)
        if not messages or messages[-1].role != "user":
            fields.refuse("rejected", "prompt_mismatch", "shares no Human turn with chosen; correct or remove the row")
            continue
        answers = [text[len(prefix) + len(ASSISTANT) :].strip() for text in (chosen, rejected)]
        if not all(answers):
            fields.refuse("chosen", "empty_response", "has an arm without an answer; remove the row")
            continue
        flags = ("multi_turn_divergence",) if any(HUMAN in answer for answer in answers) else ()
        told = aggregate("a", flags=flags)
        yield from story.tell(fields, prompt_id(messages), messages, unnamed(answers[0]), unnamed(answers[1]), [told])


def _arm(fields: Fields, name: str) -> tuple[Message, ...]:
    value = fields.raw(name)
    if isinstance(value, list):
        return fields.messages(name)
    if isinstance(value, str) and value.strip():
        return (Message("assistant", value),)
    fields.refuse(name, "missing", "must be text or a list of messages; add it")
    return ()


def _turns(fields: Fields, name: str) -> tuple[Message, ...]:
    value = fields.raw(name)
    if isinstance(value, list):
        return fields.messages(name)
    if isinstance(value, str) and value.strip():
        return (Message("user", value),)
    fields.refuse(name, "missing", "must be text or a list of messages; add it")
    return ()


def _shared(fields: Fields, arms: list[tuple[Message, ...]]) -> tuple[Message, ...]:
    """Return the turns that both arms begin with, at most all but the last one."""
    shared: list[Message] = []
    for first, second in zip(arms[0][:-1], arms[1][:-1], strict=False):
        if first != second:
            break
        shared.append(first)
    if not shared and not fields.failed:
        message = "shares no turn with rejected, so there is no prompt; add a prompt column, or write messages"
        fields.refuse("chosen", "prompt_mismatch", message)
    return tuple(shared)


def _answer(fields: Fields, name: str, arm: tuple[Message, ...], prompt: tuple[Message, ...]) -> str:
    rest = arm[len(prompt) :]
    if fields.failed:
        return ""
    if len(rest) != 1 or rest[0].role != "assistant":
        message = "must end with one assistant message after the prompt; correct it"
        fields.refuse(name, "wrong_type", message)
        return ""
    return rest[0].content


def _beside(fields: Fields) -> dict[str, Any]:
    return fields.rest(("prompt", *ARMS, "criterion"))


def _transcript(fields: Fields, name: str) -> str:
    text = fields.text(name)
    if not text:
        fields.refuse(name, "missing", "is missing; add the transcript")
        return ""
    if HUMAN not in text or ASSISTANT not in text:
        fields.refuse(name, "wrong_type", "holds no Human and Assistant turns; write a transcript as HH has it")
    return text


def _common(chosen: str, rejected: str) -> str:
    """Return what both begin with, cut before its last Assistant turn."""
    length = next(
        (i for i, pair in enumerate(zip(chosen, rejected, strict=False)) if pair[0] != pair[1]),
        min(len(chosen), len(rejected)),
    )
    return chosen[: max(0, chosen.rfind(ASSISTANT, 0, length + len(ASSISTANT)))] if length else ""


def _messages(prefix: str) -> tuple[Message, ...]:
    found: list[Message] = []
    for part in prefix.split(HUMAN)[1:]:
        human, *answers = part.split(ASSISTANT)
        found += [Message("user", human.strip())] if human.strip() else []
        found += [Message("assistant", answer.strip()) for answer in answers if answer.strip()]
    return tuple(found)
