"""Labels: which columns they have, and what one criterion of them gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from calibration.agreement.labels import labels
from calibration.standalone import origin, values
from calibration.standalone.checking import constant_per, human_by_default
from calibration.standalone.problems import BadInput, refusals
from calibration.standalone.results import Part
from calibration.standalone.settings import Settings
from calibration.standalone.values import Column

ANSWER = "label"
COLUMNS = (
    Column("item", values.text, needed=True),
    Column("annotator", values.text, needed=True),
    Column("label", values.text, needed=True),
    Column("annotator_kind", values.choice("human", "llm", "judge")),
    Column("annotator_group", values.text),
    Column("system", values.text),
    Column("submitted_at", values.moment),
    Column("criterion", values.text),
)
GOLD = (
    Column("item", values.text, needed=True),
    Column("label", values.text, needed=True),
    Column("criterion", values.text),
)
RULES = (constant_per("annotator", "annotator_kind", "annotator_group"), constant_per("item", "system"))
CHAINS = 2


def completed(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Put in what may be left out, and say how often it was."""
    return human_by_default(frame)


def fit(
    frame: pd.DataFrame,
    settings: Settings,
    progress: Callable[[Any], None],
    data_sha256: str,
    gold: pd.DataFrame | None = None,
) -> Part:
    """Measure agreement and fit the models of labels to the rows of one criterion."""
    from calibration.bayes.labeling import fitting

    if settings.draws is not None:
        raise BadInput("A labeling calibration has no number of draws to choose; leave --draws out.")
    if "submitted_at" in frame:
        frame = frame.sort_values("submitted_at", kind="stable", na_position="first", ignore_index=True)
    name = str(frame["criterion"].iloc[0]) if "criterion" in frame else None
    agreement = labels(
        frame, seed=settings.seed, criterion=name, code_version=origin.code_sha256(), data_sha256=data_sha256
    )
    with refusals():
        chains = settings.chains or CHAINS
        found = fitting.fit_labels(frame, gold=gold, seed=settings.seed, chains=chains, progress=progress)
    tables = {name: getattr(found, name) for name in ("annotators", "confusion")} | {
        "items": _chances_first(found.items)
    }
    if "system" in frame:
        tables |= {"prevalence": found.prevalence, "differences": found.differences}

    def predict(rows: pd.DataFrame) -> pd.DataFrame:
        with refusals():
            return _chances_first(found.predict(rows)).drop(columns=["item", "annotator"])

    return Part(
        tables=tables,
        agreement=[record.as_dict() for record in agreement],
        # the time it took is no part of what was found
        diagnostics={key: value for key, value in found.diagnostics.items() if key != "seconds"} | {"chains": chains},
        counts=_counts(frame, found.diagnostics),
        predict=predict,
        warnings=tuple(found.diagnostics["warnings"]),
    )


def _chances_first(table: pd.DataFrame) -> pd.DataFrame:
    chances = [name for name in table if str(name).startswith("p_")]
    return table[["item", *chances, *(name for name in table if name not in {"item", *chances})]]


def _counts(frame: pd.DataFrame, diagnostics: dict[str, Any]) -> dict[str, Any]:
    sizes = ("n_items", "n_annotators", "n_labels", "n_items_without_system")
    return {
        "rows": len(frame),
        **{name.removeprefix("n_"): diagnostics[name] for name in sizes},
        "labels_given": {str(name): int(n) for name, n in frame["label"].value_counts().sort_index().items()},
        "repeats": diagnostics["n_replaced"],
        "dropped": 0,
    }
