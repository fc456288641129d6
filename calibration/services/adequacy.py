"""Whether a passed fit describes the people it was fitted to; imported only by the process that fits."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import structlog

from calibration.bayes import checks, contested, weights
from calibration.bayes.sampling import Fit
from calibration.exports.manifest import exact

log = structlog.get_logger()
N_LISTED = 1_000
OUTCOME = ("group", "share", "p_a", "p_tie", "p_b")


@dataclass(slots=True)
class Assessment:
    """Predictive checks, weights of the accounts of the consensus and contested tasks, for a JSON field.

    ``pooled`` holds each task's outcome over all accounts; None where that could not be computed.
    """

    facts: dict[str, Any]
    pooled: pd.DataFrame | None = None


def assess(fit: Fit, *, tags: Mapping[str, tuple[str, ...]], gold: pd.DataFrame) -> Assessment:
    """Look at a passed fit; a part that cannot be computed is stored as its error and does not take the run with it."""
    made = Assessment({})
    parts: dict[str, Callable[[], Any]] = {
        "checks": lambda: _checks(fit),
        "consensus": lambda: _consensus(fit, gold, made),
        "contested": lambda: _contested(fit, tags),
    }
    made.facts = {name: _guarded(name, part) for name, part in parts.items()}
    return made


def _guarded(name: str, part: Callable[[], Any]) -> Any:
    try:
        return exact(part())
    except Exception as error:
        log.exception("adequacy_failed", part=name)
        return {"error": f"{type(error).__name__}: {error}"[:500]}


def _checks(fit: Fit) -> list[dict[str, Any]]:
    return [check.as_dict() for check in checks.predictive_checks(fit, seed=fit.seed)]


def _consensus(fit: Fit, gold: pd.DataFrame, made: Assessment) -> dict[str, Any]:
    found = weights.consensus(fit, gold=gold, seed=fit.seed)
    made.pooled = found.items
    kept = {name: getattr(found, name) for name in ("floor", "floor_reason", "power", "n_gold")}
    return {"weights": _records(found.weights)} | kept


def _contested(fit: Fit, tags: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    found = contested.find(fit, tags=tags, seed=fit.seed)
    items = found.items
    marked = items[items["contested"].astype(bool)].sort_values("p_value").head(N_LISTED)
    outcomes = found.outcomes[found.outcomes["item"].isin(marked["item"])]
    by_group = {name: _records(part[list(OUTCOME)]) for name, part in outcomes.groupby("item", sort=False)}
    listed = _records(marked[["item", "n", "n_pairs", "dissent", "expected_dissent", "q_value", "contested_by"]])
    return {
        "n_items": len(items),
        "n_contested": int(items["contested"].astype(bool).sum()),
        "items": [row | {"outcomes": by_group[row["item"]]} for row in listed],
        "pairs": _records(found.pairs[found.pairs["contested"].astype(bool)]),
        "tags": _records(found.tags[found.tags["contested"].astype(bool)]),
        "flagged": _records(found.annotators[found.annotators["flagged"].astype(bool)]),
        "n_groups": found.groups.n_groups,
        "members": _records(found.groups.table(fit.data)) if found.groups.n_groups > 1 else [],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table as JSON has them: plain numbers, null where there is none."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return rows
