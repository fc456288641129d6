"""calibrated: one row a task and criterion, what a typical evaluator would answer and how sure that is."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from calibration.exports.facts import Item, Votes
from calibration.exports.records.columns import Column, Kind, Table

TABLE = Table(
    "calibrated",
    "calibrated/1",
    "posterior of each comparison",
    (
        Column("task_id", Kind.TEXT, "the comparison"),
        Column("criterion", Kind.TEXT, "question of the rubric"),
        Column("prompt_id", Kind.TEXT, "prompt"),
        Column("system_a", Kind.TEXT, "system of response a"),
        Column("response_a_id", Kind.TEXT, "response a among those of its system, often empty"),
        Column("system_b", Kind.TEXT, "system of response b"),
        Column("response_b_id", Kind.TEXT, "response b among those of its system, often empty"),
        Column("soft_label_kind", Kind.TEXT, "posterior: p_a, p_tie, p_b come from the model, not from vote shares"),
        Column("p_a", Kind.NUMBER, "probability that a is preferred; p_a + p_tie + p_b = 1", "probability"),
        Column("p_tie", Kind.NUMBER, "probability of a tie, both bad included", "probability"),
        Column("p_b", Kind.NUMBER, "probability that b is preferred", "probability"),
        Column("p_a_better", Kind.NUMBER, "probability that a is preferred, given no tie", "probability"),
        Column("sd", Kind.NUMBER, "posterior standard deviation of p_a_better", "probability"),
        Column("ci_low", Kind.NUMBER, "lower end of the equal-tailed interval of p_a_better", "probability"),
        Column("ci_high", Kind.NUMBER, "upper end of the equal-tailed interval of p_a_better", "probability"),
        Column("ci_level", Kind.NUMBER, "level of the interval"),
        Column("n_human", Kind.INTEGER, "verdicts of people", "judgments"),
        Column("n_judge", Kind.INTEGER, "verdicts of judges", "judgments"),
        Column("n_families", Kind.INTEGER, "families of judges among them", "families"),
        Column("vote_a", Kind.INTEGER, "verdicts for a in judgments, all rounds", "judgments"),
        Column("vote_b", Kind.INTEGER, "verdicts for b in judgments, all rounds", "judgments"),
        Column("vote_tie", Kind.INTEGER, "ties in judgments, both_bad included, all rounds", "judgments"),
        Column("entropy", Kind.NUMBER, "entropy of p_a, p_tie, p_b", "bits"),
        Column("contested", Kind.FLAG, "the interval of p_a_better holds one half"),
        Column("label_hard", Kind.TEXT, "likeliest of a, tie, b"),
        Column("calibration_run_id", Kind.TEXT, "the run behind the figures"),
        Column("converged", Kind.FLAG, "the run passed its checks; others are never released"),
    ),
)


def merged(items: Iterable[Item], votes: Iterable[Votes]) -> Iterator[tuple[Item, Votes]]:
    """Pair each item with its votes; both come sorted by task and criterion, items may lack votes and votes items."""
    counted = iter(votes)
    vote = next(counted, None)
    for item in items:
        key = (item.task_id, item.criterion)
        while vote and (vote.task_id, vote.criterion) < key:
            vote = next(counted, None)
        if vote and (vote.task_id, vote.criterion) == key:
            yield item, vote
        else:
            yield item, Votes(*key, a=0, b=0, tie=0, families=0)


def records(pairs: Iterable[tuple[Item, Votes]], *, run_id: str) -> Iterator[dict[str, Any]]:
    for item, vote in pairs:
        yield _record(item, vote, run_id)


def label(item: Item) -> str:
    """Return the likeliest of a, tie and b; where two are equally likely, tie before a before b."""
    return max(("tie", item.p_tie), ("a", item.p_a), ("b", item.p_b), key=lambda option: option[1])[0]


def _record(item: Item, vote: Votes, run_id: str) -> dict[str, Any]:
    record = item._asdict() | {
        "soft_label_kind": "posterior",
        "n_families": vote.families,
        "vote_a": vote.a,
        "vote_b": vote.b,
        "vote_tie": vote.tie,
        "entropy": _entropy(item.p_a, item.p_tie, item.p_b),
        "contested": item.ci_low <= 0.5 <= item.ci_high,
        "label_hard": label(item),
        "calibration_run_id": run_id,
        "converged": True,
    }
    return {column.name: record[column.name] for column in TABLE.columns}


def _entropy(*shares: float) -> float:
    return max(0.0, -sum(share * math.log2(share) for share in shares if share > 0))
