"""Whether a passed fit describes the people it was fitted to; imported only by the process that fits."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import structlog

from calibration.bayes import checks, contested, weights
from calibration.bayes.sampling import Fit
from calibration.exports.manifest import exact

log = structlog.get_logger()
N_LISTED = 1_000


def assess(fit: Fit, *, tags: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return predictive checks, weights of the accounts of the consensus, and contested tasks, for a JSON field.

    A part that cannot be computed is stored as its error and does not take the run with it.
    """
    parts: dict[str, Callable[[], Any]] = {
        "checks": lambda: _checks(fit),
        "consensus": lambda: _consensus(fit),
        "contested": lambda: _contested(fit, tags),
    }
    return {name: _guarded(name, part) for name, part in parts.items()}


def _guarded(name: str, part: Callable[[], Any]) -> Any:
    try:
        return exact(part())
    except Exception as error:
        log.exception("adequacy_failed", part=name)
        return {"error": f"{type(error).__name__}: {error}"[:500]}


def _checks(fit: Fit) -> list[dict[str, Any]]:
    return [check.as_dict() for check in checks.predictive_checks(fit, seed=fit.seed)]


def _consensus(fit: Fit) -> dict[str, Any]:
    found = weights.consensus(fit, seed=fit.seed)
    kept = {name: getattr(found, name) for name in ("floor", "floor_reason", "power", "n_gold")}
    return {"weights": _records(found.weights)} | kept


def _contested(fit: Fit, tags: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    found = contested.find(fit, tags=tags, seed=fit.seed)
    items = found.items
    marked = items[items["contested"].astype(bool)].sort_values("p_value")
    return {
        "n_items": len(items),
        "n_contested": len(marked),
        "items": _records(marked.head(N_LISTED)[["item", "n", "dissent", "expected_dissent", "q_value"]]),
        "tags": _records(found.tags[found.tags["contested"].astype(bool)]),
        "flagged": _records(found.annotators[found.annotators["flagged"].astype(bool)]),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table as JSON has them: plain numbers, null where there is none."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return rows
