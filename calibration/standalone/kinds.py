"""The kinds of judgments that can be calibrated, one row each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from calibration.standalone import comparison, labeling
from calibration.standalone.checking import Rule
from calibration.standalone.problems import BadInput
from calibration.standalone.results import Part
from calibration.standalone.settings import Settings
from calibration.standalone.values import Column

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of judgments: the column that holds the answer, all columns, the rules between them, and the fit.

    ``gold`` are the columns of known answers, empty where the kind has none.
    """

    answer: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    completed: Callable[[pd.DataFrame], tuple[pd.DataFrame, list[str]]]
    fit: Callable[[pd.DataFrame, Settings, Callable[[Any], None], str, pd.DataFrame | None], Part]
    gold: tuple[Column, ...] = ()

    def asked(self) -> tuple[Column, ...]:
        """Give the columns of rows without an answer."""
        return tuple(column for column in self.columns if column.name != self.answer)


KINDS = {
    "comparison": Kind(comparison.ANSWER, comparison.COLUMNS, comparison.RULES, comparison.completed, comparison.fit),
    "labeling": Kind(
        labeling.ANSWER, labeling.COLUMNS, labeling.RULES, labeling.completed, labeling.fit, labeling.GOLD
    ),
}


def named(name: str, columns: Collection[str]) -> str:
    """Return the name of a kind; auto finds it by the column that holds the answer."""
    if name in KINDS:
        return name
    if name != AUTO:
        raise BadInput(f"There is no kind {name}; use one of {', '.join((*KINDS, AUTO))}.")
    found = [key for key, kind in KINDS.items() if kind.answer in columns]
    if len(found) == 1:
        return found[0]
    answers = " or ".join(f"{kind.answer} ({key})" for key, kind in KINDS.items())
    raise BadInput(f"The kind of the input is not clear; it needs one column {answers}, or say --kind.")
