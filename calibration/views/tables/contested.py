"""Where people truly differ, as the run found it: tasks with their groups, annotators with what was said of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.models import Annotator, Criterion, Task
from calibration.models import Run

EVERYBODY = -1
MARKED_BY = {"item": "its own judgments", "pair": "those of its pair of systems", "tag": "those of its tag"}
REASONS = {
    "random answers": "the answers follow no difference in quality that anybody else sees",
    "fixed side": "the answers stay on one side, whatever is shown there",
    "ties only": "nearly all answers are ties",
    "inverted": "the answers turn round what everybody else prefers",
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The outcome of one task as one group of annotators sees it."""

    name: str
    share: str
    p_a: float
    p_tie: float
    p_b: float

    @property
    def counts(self) -> dict[str, int]:
        """Return the outcome in percent, for the bar."""
        return {"a": round(100 * self.p_a), "tie": round(100 * self.p_tie), "b": round(100 * self.p_b)}


@dataclass(frozen=True, slots=True)
class ContestedTask:
    """A task on which people differ more than their noise explains."""

    dissent: str
    expected: str
    n: int
    by: str
    groups: list[GroupRow]


@dataclass(frozen=True, slots=True)
class Membership:
    """The taste group of an annotator; group 1 is the largest."""

    number: int
    of: int
    probability: float


def found(run: Run | None, criterion: Criterion | None) -> Mapping[str, Any]:
    part = run.adequacy.get(criterion.key, {}).get("contested", {}) if run and criterion else {}
    return part if "error" not in part else {}


def count(run: Run | None, criterion: Criterion | None) -> int:
    return int(found(run, criterion).get("n_contested", 0))


def of_task(run: Run | None, criterion: Criterion | None, task: Task) -> ContestedTask | None:
    """Return what the run says of a task, where it is contested."""
    rows = found(run, criterion).get("items", [])
    row = next((row for row in rows if row["item"] == str(task.public_id)), None)
    if row is None:
        return None
    groups = [_group(part) for part in row.get("outcomes", [])]
    return ContestedTask(
        _percent(row.get("dissent")),
        _percent(row.get("expected_dissent")),
        row.get("n", 0),
        _marked_by(row.get("contested_by", "")),
        groups,
    )


def _group(row: Mapping[str, Any]) -> GroupRow:
    name = "All, as a mixture" if row["group"] == EVERYBODY else f"Taste group {row['group'] + 1}"
    return GroupRow(name, _percent(row["share"]), row["p_a"], row["p_tie"], row["p_b"])


def _marked_by(names: str) -> str:
    return " and ".join(MARKED_BY.get(name, name) for name in names.split(", ") if name)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"


def flags(run: Run | None, criterion: Criterion | None) -> dict[str, str]:
    """Return why each flagged annotator was flagged, by public id."""
    return {str(row["annotator"]): str(row.get("reason", "")) for row in found(run, criterion).get("flagged", [])}


def flag(run: Run | None, criterion: Criterion | None, annotator: Annotator) -> str:
    """Say in words why an annotator was flagged; empty where it was not."""
    reason = flags(run, criterion).get(str(annotator.public_id), "")
    return REASONS.get(reason, reason)


def membership(run: Run | None, criterion: Criterion | None, annotator: Annotator) -> Membership | None:
    """Return the taste group of an annotator, where the run found more than one."""
    part = found(run, criterion)
    row = next((row for row in part.get("members", []) if row["annotator"] == str(annotator.public_id)), None)
    return Membership(row["group"] + 1, part["n_groups"], row["probability"]) if row else None
