"""Read sets that rank or rate several answers to a prompt: Nectar, UltraFeedback, RewardBench."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

from annotation.readers.battles import Story, Verdict, aggregate, digest, prompt_id, unnamed, who
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.rows import JudgmentRow, Message, Row
from annotation.readers.sources import LIMITS, Limits, records
from annotation.readers.transcripts import ASSISTANT, HUMAN

ASPECTS = ("instruction_following", "honesty", "truthfulness", "helpfulness")
RANKER, RATER = "ranker", "rater"
MOST_ANSWERS = 20
# Completions whose overall score of 10 stands for 1: it lies at least this far from the mean of their aspects.
DEFECT_GAP = 5


def read_nectar(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield every pair of a ranking; the pairs of one ranking share a cluster and are not independent."""
    story = Story(Catalog(), prompt_field="prompt", sides=("answers", "answers"))
    for record in records(path, errors, limits, needs=("prompt", "answers")):
        fields = Fields(record, errors)
        messages = _prompt(fields)
        answers = _entries(fields, "answers", {"answer": str, "model": str, "rank": (int, float)})
        if fields.failed:
            continue
        asked = prompt_id(messages)
        cluster = f"nectar:{digest(asked, record.line)}"
        for first, second in combinations(answers, 2):
            ranks = (float(first["rank"]), float(second["rank"]))
            told = Verdict(
                RANKER, "tie" if ranks[0] == ranks[1] else "a" if ranks[0] < ranks[1] else "b", kind="judge",
                cluster_id=cluster,
            )  # fmt: skip
            sides = [unnamed(entry["answer"], entry["model"]) for entry in (first, second)]
            yield from story.tell(fields, asked, messages, sides[0], sides[1], [told])


def read_ultrafeedback(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield a rating of each completion on each aspect, by one judge; a known defect of the set is flagged."""
    story = Story(Catalog(), prompt_field="instruction", sides=("completions", "completions"))
    for record in records(path, errors, limits, needs=("instruction", "completions")):
        fields = Fields(record, errors)
        text = fields.text("instruction")
        if not fields.failed and not (text or "").strip():
            fields.refuse("instruction", "missing", "is missing; add it or remove the row")
        entries = _entries(fields, "completions", {"response": str, "model": str, "annotations": dict})
        if fields.failed:
            continue
        messages = (Message("user", text or ""),)
        for place, entry in enumerate(entries):
            if not entry["response"].strip():
                message = f"line {record.line}: completion {place} is empty and left out"
                errors.note(file=record.file, field="completions", message=message)
                continue
            yield from _rated(fields, story, messages, place, entry)


def _rated(
    fields: Fields, story: Story, messages: tuple[Message, ...], place: int, entry: dict[str, Any]
) -> Iterator[Row]:
    side, asked = unnamed(entry["response"], entry["model"]), prompt_id(messages)
    ratings = {aspect: _rating(fields, place, entry["annotations"], aspect) for aspect in ASPECTS}
    if fields.failed:
        return
    yield from story.material(fields, asked, messages, (side,))
    yield from who(story.catalog, fields, RATER, "judge")
    flags = _defects(fields, place, entry, [value for value in ratings.values() if value is not None])
    for aspect, rating in ratings.items():
        seen = story.catalog.repeated(fields.record.line, asked, side.system, side.response_id, aspect)
        if rating is not None and seen is None:
            yield _single(fields, asked, (side.system, side.response_id), aspect, rating, flags)


def _rating(fields: Fields, place: int, annotations: dict[str, Any], aspect: str) -> int | None:
    """Return a rating from 1 to 5; it is text in the set, and N/A where the judge gave none."""
    told = annotations.get(aspect)
    value = told.get("Rating") if isinstance(told, dict) else None
    if value in (None, "N/A"):
        return None
    if isinstance(value, str) and value.isdecimal() and 1 <= int(value[:3]) <= 5:
        return int(value)
    where = f"completions/{place}/annotations/{aspect}/Rating"
    fields.refuse(where, "bad_range", "must be 1 to 5 as text, or N/A; correct it")
    return None


def _defects(fields: Fields, place: int, entry: dict[str, Any], ratings: list[int]) -> tuple[str, ...]:
    overall = entry.get("overall_score")
    if not isinstance(overall, int | float) or isinstance(overall, bool) or not ratings:
        return ()
    if abs(overall - fmean(ratings)) < DEFECT_GAP:
        return ()
    message = "some overall scores differ from the mean of their aspects by 5 or more; flagged overall_score_gap"
    fields.errors.note(file=fields.record.file, field=f"completions/{place}/overall_score", message=message)
    return ("overall_score_gap",)


def _single(
    fields: Fields, asked: str, side: tuple[str, str], criterion: str, score: int, flags: tuple[str, ...]
) -> JudgmentRow:
    return JudgmentRow(
        prompt_id=asked, system_a=side[0], response_a=side[1], system_b="", response_b="", annotator_id=RATER,
        criterion=criterion, round=0, outcome="rated", strength=None, shown_order="ab", rationale=None,
        started_at=None, submitted_at=None, active_ms=None, flags=flags, cluster_id=None, extra={},
        file=fields.record.file, line=fields.record.line, score=score,
    )  # fmt: skip


def read_rewardbench(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield the known preference of each row: one chosen and one rejected answer, or lists of them."""
    story = Story(Catalog(), prompt_field="prompt", sides=("chosen", "rejected"))
    for record in records(path, errors, limits, needs=("prompt", "chosen", "rejected")):
        fields = Fields(record, errors)
        text = fields.text("prompt")
        chosen, rejected = (_answers(fields, name) for name in ("chosen", "rejected"))
        if not fields.failed and not (text or "").strip():
            fields.refuse("prompt", "missing", "is missing; add it or remove the row")
        if fields.failed:
            continue
        models = [fields.text(name) or "unknown" for name in ("chosen_model", "rejected_model")]
        subset, number = fields.label("subset"), fields.optional_identifier("id")
        messages = (Message("user", text or ""),)
        extra = {"subset": subset, "id": number}
        cluster = f"rewardbench:{number}" if len(chosen) * len(rejected) > 1 else None
        told = aggregate("a", cluster_id=cluster, extra={name: value for name, value in extra.items() if value})
        for good in chosen:
            for bad in rejected:
                sides = (unnamed(good, models[0]), unnamed(bad, models[1]))
                yield from story.tell(fields, prompt_id(messages), messages, sides[0], sides[1], [told])


def _answers(fields: Fields, name: str) -> list[str]:
    value = fields.raw(name)
    answers = [value] if isinstance(value, str) else value
    if not isinstance(answers, list) or not answers or len(answers) > MOST_ANSWERS:
        fields.refuse(name, "wrong_type", f"must be one answer or a list of 1 to {MOST_ANSWERS}; correct it")
        return []
    if not all(isinstance(answer, str) and answer.strip() for answer in answers):
        fields.refuse(name, "empty_response", "holds an empty answer; remove it")
        return []
    return answers


def _prompt(fields: Fields) -> tuple[Message, ...]:
    """Return the turns of a prompt, written as a transcript or as plain text."""
    text = fields.text("prompt")
    if not (text or "").strip():
        fields.refuse("prompt", "missing", "is missing; add it or remove the row")
        return ()
    if HUMAN not in str(text):
        return (Message("user", str(text).strip()),)
    found: list[Message] = []
    for part in str(text).split(HUMAN)[1:]:
        human, *answers = part.split(ASSISTANT)
        found += [Message("user", human.strip())] if human.strip() else []
        found += [Message("assistant", answer.strip()) for answer in answers if answer.strip()]
    return tuple(found)


def _entries(fields: Fields, name: str, columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a list of objects that have the named columns of the named types."""
    value = fields.raw(name)
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ANSWERS:
        fields.refuse(name, "wrong_type", f"must be a list of 1 to {MOST_ANSWERS} objects; correct it")
        return []
    for place, entry in enumerate(value):
        for column, kind in columns.items():
            held = entry.get(column) if isinstance(entry, dict) else None
            if not isinstance(held, kind) or isinstance(held, bool) or held == "":
                fields.refuse(f"{name}/{place}/{column}", "wrong_type", "is missing or of another type; correct it")
                return []
    return value
