"""What a judge may answer: the menu of a criterion and the strict JSON schema that says so."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One level of a rating, or one label: its word, its name and what it says."""

    key: str
    name: str
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingMenu:
    """The anchored levels of a rating, from low (1) to high."""

    levels: tuple[Option, ...]

    def scores(self) -> tuple[int, ...]:
        """List the scores a judge may give."""
        return tuple(range(1, len(self.levels) + 1))


SEVERITIES = ("trace", "minor", "serious", "severe")
ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMenu:
    """The labels that may apply to one response, alone or together, with or without a severity."""

    labels: tuple[Option, ...]
    takes_several: bool = False
    asks_severity: bool = False


type AnyMenu = Menu | RatingMenu | LabelMenu


def verdict_schema(menu: AnyMenu, labels: Label = ("A", "B")) -> dict[str, Any]:
    """Return the strict schema; the reason stands first so that the verdict follows from it.

    Length limits sit in the parser: strict modes of some endpoints refuse them here.
    """
    return _closed({"reason": {"type": "string"}} | _asked(menu, labels))


def _asked(menu: AnyMenu, labels: Label) -> dict[str, Any]:
    if isinstance(menu, RatingMenu):
        return {"score": {"type": "integer", "enum": list(menu.scores())}}
    if isinstance(menu, LabelMenu):
        severity = {"type": "string", "enum": [ABSENT, *SEVERITIES]}
        kind = severity if menu.asks_severity else {"type": "boolean"}
        return {"labels": _closed({option.key: kind for option in menu.labels})}
    asked: dict[str, Any] = {"verdict": {"type": "string", "enum": list(menu.verdicts(labels))}}
    if menu.levels:
        asked["strength"] = {"type": "integer", "enum": list(menu.strengths())}
    return asked


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def response_format(menu: AnyMenu, labels: Label = ("A", "B")) -> dict[str, Any]:
    """Wrap the schema as the chat completions API wants it."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "verdict", "strict": True, "schema": verdict_schema(menu, labels)},
    }
