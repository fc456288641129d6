"""data/preference/train.jsonl: TRL's explicit preference type in its conversational form."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from calibration.exports.facts import Item, Votes
from calibration.exports.options import Options
from calibration.exports.records.calibrated import label
from calibration.exports.records.columns import Column, Kind, Table

TABLE = Table(
    "data/preference/train",
    "trl/preference-explicit-conversational",
    "preferences for training, hard labels by the likeliest outcome",
    (
        Column("prompt", Kind.OBJECT, "messages up to the response"),
        Column("chosen", Kind.OBJECT, "the preferred response as one assistant message"),
        Column("rejected", Kind.OBJECT, "the other response"),
        Column("p_chosen", Kind.NUMBER, "probability that chosen is preferred, given no tie", "probability"),
        Column("sd", Kind.NUMBER, "posterior standard deviation of p_chosen", "probability"),
        Column("ci_low", Kind.NUMBER, "lower end of the equal-tailed interval of p_chosen", "probability"),
        Column("ci_high", Kind.NUMBER, "upper end of the equal-tailed interval of p_chosen", "probability"),
        Column("ci_level", Kind.NUMBER, "level of the interval"),
        Column("n_votes", Kind.INTEGER, "verdicts in judgments on this task and criterion", "judgments"),
        Column("n_human", Kind.INTEGER, "verdicts of people among those of the run", "judgments"),
        Column("criterion", Kind.TEXT, "question of the rubric"),
        Column("task_id", Kind.TEXT, "the comparison"),
    ),
)


def records(pairs: Iterable[tuple[Item, Votes]], *, options: Options, counts: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield preference rows, and count in `counts` what was written and what was left out for which reason."""
    for item, vote in pairs:
        reason = _left_out(item, options)
        if reason:
            counts[reason] += 1
            continue
        is_tie = _is_tie(item)
        for better in ("a", "b") if is_tie else (_better(item),):
            counts["tie_rows_both_ways" if is_tie else "written"] += 1
            yield _record(item, vote, better)


def _left_out(item: Item, options: Options) -> str:
    if item.text_a is None or item.text_b is None or not item.messages:
        return "without_text"
    if item.text_a == item.text_b:
        return "identical_responses"
    if abs(item.p_a_better - 0.5) < options.min_confidence:
        return "below_min_confidence"
    return "ties_dropped" if _is_tie(item) and options.ties == "drop" else ""


def _is_tie(item: Item) -> bool:
    return label(item) == "tie" or item.p_a_better == 0.5


def _better(item: Item) -> str:
    return "a" if item.p_a_better > 0.5 else "b"


def _record(item: Item, vote: Votes, better: str) -> dict[str, Any]:
    texts = {"a": item.text_a, "b": item.text_b}
    is_a = better == "a"
    return {
        "prompt": [{"role": message["role"], "content": message["content"]} for message in item.messages],
        "chosen": _message(texts["a" if is_a else "b"]),
        "rejected": _message(texts["b" if is_a else "a"]),
        "p_chosen": item.p_a_better if is_a else 1 - item.p_a_better,
        "sd": item.sd,
        "ci_low": item.ci_low if is_a else 1 - item.ci_high,
        "ci_high": item.ci_high if is_a else 1 - item.ci_low,
        "ci_level": item.ci_level,
        "n_votes": vote.total,
        "n_human": item.n_human,
        "criterion": item.criterion,
        "task_id": item.task_id,
    }


def _message(text: str | None) -> list[dict[str, Any]]:
    return [{"role": "assistant", "content": text}]
