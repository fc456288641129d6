"""Read Arena-Hard's judgments: each model against a baseline, two games, graded verdicts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.readers import judge_files
from annotation.readers.catalog import Catalog
from annotation.readers.errors import ErrorLog
from annotation.readers.fields import Fields
from annotation.readers.judge_files import Pair, Said
from annotation.readers.rows import Outcome, Row
from annotation.readers.sources import LIMITS, Limits, records

# The files of the first version do not name it.
BASELINE = "gpt-4-0314"
# Shown terms: A stands for what the judge read first. Strength as our scale has it; no triple weight.
SCORES: dict[str, tuple[str, int]] = {
    "A>>B": ("A", 3), "A>B": ("A", 1), "A=B": ("tie", 0), "B>A": ("B", 1), "B>>A": ("B", 3),
}  # fmt: skip


def read(path: Path, errors: ErrorLog, limits: Limits = LIMITS) -> Iterator[Row]:
    """Yield pairs of baseline and model; the first game shows the baseline first, the second the model."""
    catalog = Catalog()
    for record in records(path, errors, limits):
        fields = Fields(record, errors)
        games = fields.raw("games")
        if not isinstance(games, list) or not 1 <= len(games) <= 2:
            fields.refuse("games", "wrong_type", "is a list of one or two games; correct it")
            continue
        pair = Pair(
            prompt_id=fields.identifier("question_id"),
            system_1=fields.optional_identifier("baseline") or BASELINE,
            system_2=fields.identifier("model"),
        )
        who = judge_files.judge(fields, "arena_hard", fields.identifier("judge"))
        said = [_said(fields, game, number) for number, game in enumerate(games)]
        yield from judge_files.rows(fields, catalog, pair, who, said)


def _said(fields: Fields, game: Any, number: int) -> Said:
    order: Any = "ab" if number == 0 else "ba"
    score = game.get("score") if isinstance(game, dict) else None
    text = game.get("judgment") if isinstance(game, dict) else None
    rationale = text if isinstance(text, str) else None
    if score is None:
        return Said(outcome="invalid", order=order, round=number, rationale=rationale)
    if score not in SCORES:
        fields.refuse("games", "bad_enum", f"a score is one of {', '.join(SCORES)} or null; correct it")
        return Said(outcome="invalid", order=order, round=number)
    word, size = SCORES[score]
    outcome: Outcome = "tie" if word == "tie" else ("a" if (word == "A") == (order == "ab") else "b")
    strength = 0 if outcome == "tie" else size if outcome == "a" else -size
    return Said(outcome=outcome, order=order, round=number, strength=strength, rationale=rationale)
