"""Cases made by hand: what writers take, without a database."""

from datetime import UTC, datetime
from typing import Any

from calibration.exports.facts import Item
from calibration.exports.formats.cases import Case

MOMENT = datetime(2026, 3, 4, 15, tzinfo=UTC)
PEOPLE = ("ada0000000000001", "bob0000000000002")
JUDGE = "judge00000000003"


def item(number: int, *, prompt: str, a: str, b: str, p: tuple[float, float, float], **kwargs: Any) -> Item:
    p_a, p_tie, p_b = p
    better = p_a / (p_a + p_b)
    values: dict[str, Any] = {
        "task_id": f"00000000-0000-4000-8000-{number:012d}", "criterion": "overall", "prompt_id": f"p{number}",
        "system_a": "alpha", "response_a_id": "", "system_b": "beta", "response_b_id": "", "p_a": p_a, "p_tie": p_tie,
        "p_b": p_b, "p_a_better": better, "sd": 0.05, "ci_low": better - 0.125, "ci_high": better + 0.125,
        "ci_level": 0.9, "n_human": 2, "n_judge": 1, "messages": [{"role": "user", "content": prompt}], "text_a": a,
        "text_b": b,
    }  # fmt: skip
    return Item(**(values | kwargs))


def judgment(of: Item, by: str, outcome: str, **kwargs: Any) -> dict[str, Any]:
    row = {
        "task_id": of.task_id, "criterion": of.criterion, "annotator_id": by,
        "annotator_kind": "judge" if by == JUDGE else "human", "outcome": outcome, "strength": None,
        "shown_order": "ab", "round": 0, "submitted_at": MOMENT, "active_ms": 12_000,
        "judgment_id": f"{of.task_id}-{by}",
    }  # fmt: skip
    return row | kwargs


def cases() -> list[Case]:
    """Return three tasks: one clear, one tied, one without texts, with formulas among the words."""
    clear = item(1, prompt="=SUM(1,2) is what?", a='Three, or "3".', b="+49 is no answer", p=(0.7, 0.1, 0.2))
    tied = item(2, prompt="¿Qué es una biopsia?", a="Una muestra\nde tejido.", b="مقطع نسيج", p=(0.25, 0.5, 0.25))
    bare = item(3, prompt="gone", a="x", b="y", p=(0.6, 0.1, 0.3), text_a=None, messages=[])
    told = [
        [("ab", PEOPLE[0], "a", 3), ("ba", PEOPLE[1], "b", -1), ("ba", JUDGE, "a", None)],
        [("ab", PEOPLE[0], "tie", 0), ("ba", PEOPLE[1], "both_bad", 0), ("ab", JUDGE, "abstain", None)],
        [("ab", PEOPLE[0], "a", None)],
    ]
    return [
        Case(one, [judgment(one, by, outcome, shown_order=order, strength=s) for order, by, outcome, s in rows])
        for one, rows in zip((clear, tied, bare), told, strict=True)
    ]
