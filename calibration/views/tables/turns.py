"""Votes of experts and judges that agree, by turn of the conversation, as MT-Bench counts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHO = {"human-judge": "Experts and judges", "human": "Experts"}


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn and one group: agreeing pairs of votes among all, and among those without a tie."""

    turn: str
    who: str
    counted: str
    dropped: str


def rows(facts: Mapping[str, Any], criterion: str) -> list[TurnRow]:
    cells = facts.get("turns", {}).get(criterion, [])
    found: dict[tuple[str, str], dict[str, str]] = {}
    for cell in cells:
        found.setdefault((cell["turn"], cell["who"]), {})[cell["ties"]] = _text(cell["agree"], cell["total"])
    return [TurnRow(turn, WHO[who], shown["counted"], shown["dropped"]) for (turn, who), shown in found.items()]


def _text(agree: int, total: int) -> str:
    return f"{agree:,} of {total:,} ({100 * agree / total:.0f}%)" if total else "no pair"
