"""Canonical order of a comparison: the response with the smaller (system, response) by code point is a."""

from dataclasses import replace
from typing import Any

from annotation.readers.rows import JudgmentRow, Order, Outcome

_OUTCOMES: dict[str, Outcome] = {"a": "b", "b": "a"}
_ORDERS: dict[Order, Order] = {"ab": "ba", "ba": "ab"}


def canonical(row: JudgmentRow) -> JudgmentRow:
    """Return the judgment in canonical order, turned if the file had it the other way round."""
    is_turned = (row.system_a, row.response_a) > (row.system_b, row.response_b)
    return turned(row) if is_turned else row


def turned(row: JudgmentRow) -> JudgmentRow:
    """Return the same judgment told from the other side; turning twice changes nothing."""
    return replace(
        row,
        system_a=row.system_b, response_a=row.response_b, system_b=row.system_a, response_b=row.response_a,
        outcome=_OUTCOMES.get(row.outcome, row.outcome),
        strength=None if row.strength is None else -row.strength,
        shown_order=None if row.shown_order is None else _ORDERS[row.shown_order],
        extra=_turned_extra(row.extra),
    )  # fmt: skip


def _turned_extra(extra: dict[str, Any]) -> dict[str, Any]:
    """Exchange the columns that come in pairs ending in _a and _b."""
    swapped = dict(extra)
    for name in extra:
        other = name[:-2] + "_b"
        if name.endswith("_a") and other in extra:
            swapped[name], swapped[other] = extra[other], extra[name]
    return swapped
