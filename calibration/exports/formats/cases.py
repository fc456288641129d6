"""What every format is made of: a calibrated task with its texts and its public judgments."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from calibration.exports.facts import Item

VERDICTS = ("a", "b", "tie", "both_bad")
KINDS_OF_SOURCE = {"human": ("human",), "judge": ("judge",), "human+judge": ()}
Row = dict[str, Any]


class Case(NamedTuple):
    """One task and criterion: the posterior, the texts, and the judgments under their pseudonyms."""

    item: Item
    judgments: list[Row]

    @property
    def verdicts(self) -> list[Row]:
        return [row for row in self.judgments if row["outcome"] in VERDICTS]


def joined(items: Iterable[Item], judgments: Iterable[Row]) -> Iterator[Case]:
    """Pair each item with its judgments; both come sorted by task and criterion."""
    groups = groupby(judgments, key=lambda row: (row["task_id"], row["criterion"]))
    key, rows = next(groups, (None, iter(())))
    for item in items:
        wanted = (item.task_id, item.criterion)
        while key is not None and key < wanted:
            key, rows = next(groups, (None, iter(())))
        yield Case(item, list(rows) if key == wanted else [])


def of_source(cases: Iterable[Case], source: str) -> Iterator[Case]:
    """Keep the judgments of people, of judges, or all of them."""
    kinds = KINDS_OF_SOURCE[source]
    for case in cases:
        kept = [row for row in case.judgments if not kinds or row["annotator_kind"] in kinds]
        yield case._replace(judgments=kept)


def with_texts(cases: Iterable[Case], counts: Counter[str]) -> Iterator[Case]:
    """Leave out tasks whose texts the record does not hold, and count them."""
    for case in cases:
        if case.item.text_a is None or case.item.text_b is None or not case.item.messages:
            counts["without_text"] += 1
        else:
            yield case


def turns(item: Item) -> list[dict[str, str]]:
    """Return the prompt as plain messages."""
    return [{"role": message["role"], "content": message["content"]} for message in item.messages]


def single_turn(item: Item) -> str | None:
    """Return the prompt as one text, None where it is a conversation."""
    if len(item.messages) == 1 and item.messages[0]["role"] == "user":
        return str(item.messages[0]["content"])
    return None


def one_turn(cases: Iterable[Case], counts: Counter[str]) -> Iterator[tuple[Case, str]]:
    """Leave out tasks whose prompt is a conversation, for formats that hold one text, and count them."""
    for case in with_texts(cases, counts):
        prompt = single_turn(case.item)
        if prompt is None:
            counts["conversations"] += 1
        else:
            yield case, prompt


def system_names(item: Item) -> dict[str, str]:
    """Return the names of both sides, told apart where one system answered twice."""
    names = {"a": item.system_a, "b": item.system_b}
    if item.system_a == item.system_b:
        return {"a": f"{item.system_a}/{item.response_a_id}", "b": f"{item.system_b}/{item.response_b_id}"}
    return names
