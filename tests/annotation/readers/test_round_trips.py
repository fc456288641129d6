"""What a release writes in a foreign format reads back as the same judgments."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotation.readers import FORMATS, sniffing
from annotation.readers.rows import JudgmentRow, PromptRow, ResponseRow, Row
from calibration.exports import options
from calibration.exports.formats import FORMATS as WRITTEN
from calibration.exports.formats.cases import VERDICTS, Case
from calibration.exports.sinks import sink
from tests.annotation.readers.files import only, rows_of
from tests.calibration.exports import stories

# Format of the release, the reader, and what both sides know.
TRIPS: dict[str, tuple[str, frozenset[str]]] = {
    "arena": ("arena", frozenset({"annotator", "order", "criterion"})),
    "mt_bench": ("arena", frozenset({"annotator", "order", "criterion"})),
    "label_studio": ("label_studio", frozenset({"annotator", "order", "criterion"})),
    "argilla": ("argilla", frozenset({"annotator", "criterion"})),
    "plain": ("plain", frozenset({"annotator", "strength", "criterion"})),
    "helm": ("helm", frozenset({"annotator", "criterion"})),
    "helpsteer3": ("helpsteer3", frozenset({"strength"})),
}
Told = tuple[Any, ...]


def file_of(tmp_path: Path, name: str, cases: list[Case], **chosen: Any) -> Path:
    path = tmp_path / f"{name}{Path(WRITTEN[name].path).suffix}"
    out = sink(path, guard=False)
    for row in WRITTEN[name].write(iter(cases), options.read(chosen), Counter()):
        out.write(row)
    out.close()
    return path


def graded() -> list[Case]:
    """Return the stories with a strength everywhere, so that no format has to invent one."""
    strengths = {"a": 2, "b": -2, "tie": 0, "both_bad": 0}
    return [
        case._replace(
            judgments=[
                row | {"strength": row["strength"] or strengths[row["outcome"]]}
                for row in case.judgments
                if row["outcome"] in strengths
            ]
        )
        for case in stories.cases()
    ]


def as_told(rows: list[Row], known: frozenset[str]) -> Counter[Told]:
    """Return the judgments by their texts, told of the smaller text as a."""
    texts = {(row.prompt_id, row.system_id, row.response_id): row.text for row in only(rows, ResponseRow)}
    prompts = {row.prompt_id: row.messages for row in only(rows, PromptRow)}
    told = []
    for row in only(rows, JudgmentRow):
        sides = [
            texts[row.prompt_id, *side] for side in ((row.system_a, row.response_a), (row.system_b, row.response_b))
        ]
        asked = tuple(message.content for message in prompts[row.prompt_id])
        facts = (row.outcome, row.annotator_id, row.shown_order, row.strength, row.criterion)
        told.append(_told(asked, sides, facts, known))
    return Counter(told)


def as_written(cases: list[Case], known: frozenset[str], *, is_lossy: bool) -> Counter[Told]:
    told = []
    for case in cases:
        item = case.item
        if item.text_a is None:
            continue
        asked = tuple(message["content"] for message in item.messages)
        for row in case.judgments:
            outcome = "tie" if is_lossy and row["outcome"] == "both_bad" else row["outcome"]
            facts = (outcome, row["annotator_id"], row["shown_order"], row["strength"], row["criterion"])
            told.append(_told(asked, [item.text_a, item.text_b], facts, known))
    return Counter(told)


def _told(asked: Told, sides: list[Any], facts: Told, known: frozenset[str]) -> Told:
    outcome, annotator, order, strength, criterion = facts
    if sides[0] > sides[1]:
        sides = sides[::-1]
        outcome = {"a": "b", "b": "a"}.get(outcome, outcome)
        order = {"ab": "ba", "ba": "ab"}.get(order, order)
        strength = None if strength is None else -strength
    optional = (("annotator", annotator), ("order", order), ("strength", strength), ("criterion", criterion))
    return (asked, *sides, outcome, *(value if name in known else None for name, value in optional))


@pytest.mark.parametrize("name", TRIPS)
def test_judgments_come_back_as_they_were(tmp_path: Path, name: str) -> None:
    reader, known = TRIPS[name]
    cases = graded() if "strength" in known else [
        case._replace(judgments=[row for row in case.judgments if row["outcome"] in VERDICTS])
        for case in stories.cases()
    ]  # fmt: skip
    found = as_told(rows_of(reader, file_of(tmp_path, name, cases)), known)
    expected = as_written(cases, known, is_lossy=name in {"plain", "helpsteer3"})
    assert found == expected
    assert expected.total() == 5


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("preference", "preference"),
        ("preference_standard", "preference"),
        ("preference_implicit", "preference"),
        ("hh", "hh"),
    ],
)
def test_preferences_come_back_with_the_chosen_response_as_winner(tmp_path: Path, name: str, reader: str) -> None:
    rows = rows_of(reader, file_of(tmp_path, name, stories.cases()))
    (judged,) = only(rows, JudgmentRow)
    texts = {row.response_id: row.text for row in only(rows, ResponseRow)}
    winner = judged.response_a if judged.outcome == "a" else judged.response_b
    assert texts[winner] == 'Three, or "3".'
    assert [message.content for message in only(rows, PromptRow)[0].messages] == ["=SUM(1,2) is what?"]


@pytest.mark.parametrize("name", ["label_studio", "argilla"])
def test_abstentions_come_back(tmp_path: Path, name: str) -> None:
    rows = rows_of(TRIPS[name][0], file_of(tmp_path, name, stories.cases()))
    assert [row.annotator_id for row in only(rows, JudgmentRow) if row.outcome == "abstain"] == [stories.JUDGE]


@pytest.mark.parametrize("name", [*TRIPS, "preference", "preference_implicit", "hh"])
def test_the_format_of_a_file_is_guessed(tmp_path: Path, name: str) -> None:
    expected = TRIPS[name][0] if name in TRIPS else name.removesuffix("_implicit")
    if name != "mt_bench":
        assert sniffing.guess(file_of(tmp_path, name, stories.cases())) == expected
    assert expected in FORMATS
