"""Read what annotation tools export: Label Studio, Argilla 1 and 2, HITs as HELM collects them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from annotation.readers.battles import Side, Story, Verdict, prompt_id, unnamed
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields, message_of
from annotation.readers.rows import Message, Order, Outcome, Row
from annotation.readers.sources import LIMITS, Limits, records

DOMAIN = "@annotators.invalid"
SELECTED: dict[str, Outcome] = {"left": "a", "right": "b"}
ANSWERS: dict[str, Outcome] = {
    "response_a": "a", "response_b": "b", "response-a": "a", "response-b": "b", "response_1": "a", "response_2": "b",
    "a": "a", "b": "b", "tie": "tie", "both_bad": "both_bad",
}  # fmt: skip
# Names under which tools and their users keep the two responses.
SIDES = (("left", "right"), ("response_a", "response_b"), ("response_1", "response_2"), ("a", "b"))
RADIO = re.compile(r"Answer\.(?P<question>.+)\.(?P<option>[^.]+)\.on")
OPTIONS: dict[str, Outcome] = {"a": "a", "b": "b", "tie": "tie", "both_bad": "both_bad", "0": "a", "1": "b", "2": "tie"}


def read_label_studio(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield each annotation of a pair; a cancelled one is an abstention, a tie stands in a choice beside the pair."""
    story = Story(Catalog(), prompt_field="data", sides=("data", "data"))
    for record in records(path, errors, limits, needs=("data", "annotations")):
        fields = Fields(record, errors)
        data = fields.mapping("data") or {}
        found = _compared(fields, "data", data)
        verdicts = _annotations(fields, data.get("criterion"))
        if found and not fields.failed:
            asked, messages, first, second = found
            yield from story.tell(fields, asked, messages, first, second, verdicts)


def _annotations(fields: Fields, criterion: Any) -> list[Verdict]:
    value = fields.raw("annotations")
    if not isinstance(value, list):
        fields.refuse("annotations", "wrong_type", "must be a list of annotations; correct it")
        return []
    found = []
    for place, entry in enumerate(value):
        where = f"annotations/{place}"
        outcome = _selected(fields, where, entry)
        if outcome is None:
            return []
        order = entry.get("shown_order", "ab")
        found.append(
            Verdict(
                _completed_by(entry.get("completed_by")), outcome,
                criterion=criterion if isinstance(criterion, str) else None,
                shown_order=cast(Order, order) if order in ("ab", "ba") else None,
                flags=("ground_truth",) if entry.get("ground_truth") is True else (),
            )
        )  # fmt: skip
    return found


def _selected(fields: Fields, where: str, entry: Any) -> Outcome | None:
    results = entry.get("result") if isinstance(entry, dict) else None
    if not isinstance(results, list):
        fields.refuse(f"{where}/result", "wrong_type", "must be a list of results; correct it")
        return None
    if entry.get("was_cancelled") is True:
        return "abstain"
    told: list[Outcome] = []
    for result in results:
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            fields.refuse(f"{where}/result", "wrong_type", "holds a result without a value; correct it")
            return None
        told += [SELECTED[value["selected"]]] if value.get("selected") in ("left", "right") else []
        choices = value.get("choices")
        told += [cast(Outcome, c) for c in choices if c in ("tie", "both_bad")] if isinstance(choices, list) else []
    if len(told) != 1:
        message = "must hold exactly one of left, right, tie, both_bad; correct it or leave the annotation out"
        fields.refuse(f"{where}/result", "bad_enum", message)
        return None
    return told[0]


def _completed_by(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("email") or value.get("id")
    return (
        str(value).removesuffix(DOMAIN) if isinstance(value, str | int) and not isinstance(value, bool) else "unnamed"
    )


def read_argilla(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield each submitted answer of a question with a choice or a ranking of two; drafts are counted and left out."""
    story = Story(Catalog(), prompt_field="prompt", sides=("response_a", "response_b"))
    for record in records(path, errors, limits):
        fields = Fields(record, errors)
        found = _compared(fields, "", record.values)
        verdicts = _submitted(fields)
        if found and not fields.failed:
            asked, messages, first, second = found
            yield from story.tell(fields, asked, messages, first, second, verdicts)


def _submitted(fields: Fields) -> list[Verdict]:
    values = fields.record.values
    question = next((name.removesuffix(".responses") for name in values if name.endswith(".responses")), None)
    if question is None:
        question = next((name for name, value in values.items() if is_old(value)), None)
        entries = (
            [(one.get("value"), one.get("user_id"), one.get("status")) for one in values[question]] if question else []
        )
    else:
        answers, users, states = (values.get(f"{question}.responses{part}") or [] for part in ("", ".users", ".status"))
        if (
            not all(isinstance(part, list) for part in (answers, users, states))
            or len({len(part) for part in (answers, users, states)}) > 1
        ):
            fields.refuse(
                f"{question}.responses", "wrong_type", "answers, users and status differ in length; correct them"
            )
            return []
        entries = list(zip(answers, users, states, strict=True))
    if question is None:
        fields.refuse("responses", "missing", "there is no question with responses; export the records with them")
        return []
    criterion = fields.label("criterion")
    found = []
    for place, (answer, user, state) in enumerate(entries):
        if state == "draft":
            message = f"line {fields.record.line}: a draft is left out"
            fields.errors.note(file=fields.record.file, field=question, message=message)
            continue
        outcome: Outcome | None = "abstain" if state == "discarded" else _answer(answer)
        if outcome is None:
            message = f"must be one of {', '.join(ANSWERS)}, or a ranking of two; correct it"
            fields.refuse(f"{question}.responses/{place}", "bad_enum", message)
            return []
        order: Order | None = None
        found.append(Verdict(str(user), outcome, criterion=criterion, shown_order=order))
    return found


def is_old(value: Any) -> bool:
    """Tell whether a value is a list of responses as Argilla 1 wrote them."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "user_id" in one for one in value)


def _answer(value: Any) -> Outcome | None:
    if isinstance(value, str):
        return ANSWERS.get(value)
    if not isinstance(value, list) or len(value) != 2:
        return None
    if all(isinstance(one, dict) for one in value):
        ranks = {str(one.get("value")): str(one.get("rank")) for one in value}
        ordered = sorted(ranks, key=lambda name: ranks[name])
        first = ANSWERS.get(ordered[0])
        return "tie" if len(ranks) == 2 and len(set(ranks.values())) == 1 else first
    return ANSWERS.get(str(value[0]))


def read_helm(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield each HIT: of the options of a question exactly one is on, or the answer is invalid."""
    story = Story(Catalog(), prompt_field="Input.prompt", sides=("Input.response_a", "Input.response_b"))
    for record in records(path, errors, limits, needs=("WorkerId", "Input.prompt")):
        fields = Fields(record, errors)
        inputs = {
            name.removeprefix("Input."): value for name, value in record.values.items() if name.startswith("Input.")
        }
        found = _compared(fields, "Input.", inputs)
        seconds = fields.number("WorkTimeInSeconds", low=0, high=2_000_000)
        worker = fields.identifier("WorkerId")
        questions: dict[str, list[str]] = {}
        for name, value in record.values.items():
            if match := RADIO.fullmatch(name):
                questions.setdefault(match["question"], []).extend([match["option"]] * (str(value).lower() == "true"))
        if not questions:
            fields.refuse("Answer", "missing", "there is no column Answer.<question>.<option>.on; add it")
        verdicts = [
            Verdict(
                worker, _radio(fields, question, chosen), criterion=question,
                active_ms=None if seconds is None else round(1_000 * seconds),
            )
            for question, chosen in questions.items()
        ]  # fmt: skip
        if found and not fields.failed:
            asked, messages, first, second = found
            yield from story.tell(fields, asked, messages, first, second, verdicts)


def _radio(fields: Fields, question: str, chosen: list[str]) -> Outcome:
    if len(chosen) != 1:
        return "invalid"
    outcome = OPTIONS.get(chosen[0])
    if outcome is None:
        message = f"must be one of {', '.join(OPTIONS)}; give the options these names"
        fields.refuse(f"Answer.{question}.{chosen[0]}.on", "bad_enum", message)
    return outcome or "invalid"


def _compared(fields: Fields, place: str, data: dict[str, Any]) -> tuple[str, tuple[Message, ...], Side, Side] | None:
    """Return the prompt and both sides; a file of ours has ids for them, others are known by their texts."""
    names = next((pair for pair in SIDES if all(isinstance(data.get(name), str) for name in pair)), None)
    if names is None or not all(data[name].strip() for name in names):
        known = "; ".join(" and ".join(pair) for pair in SIDES)
        fields.refuse(place or "response_a", "missing", f"holds no two responses; name them {known}; correct it")
        return None
    told = data.get("messages") or data.get("prompt")
    if isinstance(told, str) and told.strip():
        messages: tuple[Message, ...] = (Message("user", told),)
    elif isinstance(told, list) and told:
        turns = [message_of(turn) for turn in told]
        if not all(turns):
            fields.refuse(place or "prompt", "wrong_type", "holds a message without role or content; correct it")
            return None
        messages = tuple(turn for turn in turns if turn)
    else:
        fields.refuse(place or "prompt", "missing", "holds no prompt; add it as prompt or messages")
        return None
    asked = data.get("prompt_id")
    systems = [_label(data, f"system_{name.removeprefix('response_')}") for name in names]
    sides = [
        Side(system, data[name]) if system else unnamed(data[name]) for system, name in zip(systems, names, strict=True)
    ]
    return (
        (asked if isinstance(asked, str) and 0 < len(asked) <= 200 else prompt_id(messages)),
        messages,
        sides[0],
        sides[1],
    )


def _label(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() else None
