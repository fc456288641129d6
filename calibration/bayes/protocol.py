"""What a board was measured with, and whether two boards may be put side by side."""

from __future__ import annotations

from dataclasses import dataclass, fields

NAMES = {"rubric_hash": "rubric", "pool_version": "pool of tasks", "annotator_pool": "annotator pool"}


@dataclass(frozen=True, slots=True)
class Protocol:
    """Name what a board was measured with; empty means unknown."""

    rubric_hash: str = ""
    pool_version: str = ""
    annotator_pool: str = ""


@dataclass(frozen=True, slots=True)
class Comparability:
    """Say whether two boards may be compared, and if not, why."""

    comparable: bool
    reasons: tuple[str, ...]


def comparable(one: Protocol, other: Protocol) -> Comparability:
    """Compare two boards' protocols: same rubric, same version of the pool, same annotator pool, all known."""
    reasons = []
    for field in fields(Protocol):
        name, first, second = NAMES[field.name], getattr(one, field.name), getattr(other, field.name)
        if not first or not second:
            reasons.append(f"the {name} of {'both runs' if not first and not second else 'one run'} is not known")
        elif first != second:
            reasons.append(f"the {name} differs: {_short(first)} and {_short(second)}")
    return Comparability(not reasons, tuple(reasons))


def _short(text: str) -> str:
    is_hash = len(text) == 64 and " " not in text
    return text[:12] if is_hash else text
