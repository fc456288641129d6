"""What a judge may answer: the menu of verdicts and the strict JSON schema that says so."""

from dataclasses import dataclass
from typing import Any, Literal

type Label = tuple[str, str]

LEVELS = (0, 3, 5, 7)
RESERVED = ("tie", "both_bad", "abstain")


class BadMenu(ValueError):
    """A menu no judge could answer from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The verdicts a criterion offers; `levels` is the size of its graded scale (3, 5 or 7) or 0."""

    tie: bool = True
    both_bad: bool = False
    abstain: bool = False
    levels: Literal[0, 3, 5, 7] = 0

    def __post_init__(self) -> None:
        if self.levels not in LEVELS:
            raise BadMenu(f"A graded scale has 3, 5 or 7 levels, not {self.levels}; 0 means not graded.")

    def verdicts(self, labels: Label) -> tuple[str, ...]:
        """List the verdict words in the order shown, the label of the first response first."""
        return (*labels, *(word for word in RESERVED if getattr(self, word)))

    def strengths(self) -> tuple[int, ...]:
        """List the strengths of preference a judge may name; 0 belongs to verdicts without a winner."""
        without_winner = self.tie or self.both_bad or self.abstain
        return tuple(range(0 if without_winner else 1, self.levels // 2 + 1)) if self.levels else ()


def verdict_schema(menu: Menu, labels: Label = ("A", "B")) -> dict[str, Any]:
    """Return the strict schema; the reason stands first so that the verdict follows from it.

    Length limits sit in the parser: strict modes of some endpoints refuse them here.
    """
    properties: dict[str, Any] = {
        "reason": {"type": "string"},
        "verdict": {"type": "string", "enum": list(menu.verdicts(labels))},
    }
    if menu.levels:
        properties["strength"] = {"type": "integer", "enum": list(menu.strengths())}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def response_format(menu: Menu, labels: Label = ("A", "B")) -> dict[str, Any]:
    """Wrap the schema as the chat completions API wants it."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "verdict", "strict": True, "schema": verdict_schema(menu, labels)},
    }
