"""Whether a passed fit describes the people it was fitted to; imported only by the process that fits."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import structlog

from calibration.bayes import checks, contested, weights
from calibration.bayes.sampling import Fit

log = structlog.get_logger()
N_LISTED = 1_000


def assess(fit: Fit, *, tags: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return predictive checks, weights of the accounts of the consensus, and contested tasks, for a JSON field.

    A part that cannot be computed is stored as its error and does not take the run with it.
    """
    parts = {"checks": lambda: _checks(fit), "consensus": lambda: _consensus(fit)}
    parts["contested"] = lambda: _contested(fit, tags)
    return {name: _guarded(name, part) for name, part in parts.items()}


def _guarded(name: str, part: Any) -> Any:
    try:
        return _plain(part())
    except Exception as error:
        log.exception("adequacy_failed", part=name)
        return {"error": f"{type(error).__name__}: {error}"[:500]}


def _checks(fit: Fit) -> list[dict[str, Any]]:
    return [check.as_dict() for check in checks.predictive_checks(fit, seed=fit.seed)]


def _consensus(fit: Fit) -> dict[str, Any]:
    found = weights.consensus(fit, seed=fit.seed)
    kept = {name: getattr(found, name) for name in ("floor", "floor_reason", "power", "n_gold")}
    return {"weights": found.weights.to_dict("records")} | kept


def _contested(fit: Fit, tags: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    found = contested.find(fit, tags=tags, seed=fit.seed)
    items = found.items
    marked = items[items["contested"].astype(bool)].sort_values("p_value")
    return {
        "n_items": len(items),
        "n_contested": len(marked),
        "items": marked.head(N_LISTED)[["item", "n", "dissent", "expected_dissent", "q_value"]].to_dict("records"),
        "tags": found.tags[found.tags["contested"].astype(bool)].to_dict("records"),
        "flagged": found.annotators[found.annotators["flagged"].astype(bool)].to_dict("records"),
    }


def _plain(value: Any) -> Any:
    """Turn numbers of arrays into those of JSON, and what is not a number into null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
