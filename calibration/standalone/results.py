"""A calibration: tables, agreement, diagnostics, and everything needed to make it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

NOT_RELEASED = (
    "The fit did not pass its checks: these are not released numbers. "
    "See diagnostics.json for the reasons; try more draws, or look for contradictions in the data."
)


@dataclass(frozen=True, slots=True)
class Part:
    """What one criterion gave.

    ``tables`` by the name of their file; ``predict`` takes checked rows and returns one row of probabilities each,
    in their order; ``warnings`` are sentences for a person.
    """

    tables: dict[str, pd.DataFrame]
    agreement: list[dict[str, Any]]
    diagnostics: dict[str, Any]
    counts: dict[str, Any]
    predict: Callable[[pd.DataFrame], pd.DataFrame]
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether the fit passed its gate."""
        return bool(self.diagnostics["passed"])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that a calibration found.

    Attributes
    ----------
    kind
        comparison or labeling.
    parts
        What each criterion gave; the key is "" where the input names none.
    run
        Seed, settings, versions, hash of the data, counts: what is needed to make it again.
    warnings
        What a person should know, and what was not used.
    predictions
        Probabilities of the answers that were asked for, or None.
    """

    kind: str
    parts: dict[str, Part]
    run: dict[str, Any]
    ask: Callable[[Any], pd.DataFrame] = field(repr=False)
    warnings: tuple[str, ...] = ()
    predictions: pd.DataFrame | None = None

    @property
    def passed(self) -> bool:
        """Say whether every fit passed its gate; otherwise no number may be released."""
        return all(part.passed for part in self.parts.values())

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Give every table, the criteria one below the other."""
        names = dict.fromkeys(name for part in self.parts.values() for name in part.tables)
        return {name: self._stacked(name) for name in names}

    @property
    def items(self) -> pd.DataFrame:
        """Give the consensus: one row per item (and pair of systems)."""
        return self._stacked("items")

    @property
    def annotators(self) -> pd.DataFrame:
        """Give what describes each annotator."""
        return self._stacked("annotators")

    @property
    def systems(self) -> pd.DataFrame:
        """Give strength, win probability and rank of each system (comparisons)."""
        return self._stacked("systems")

    @property
    def agreement(self) -> dict[str, list[dict[str, Any]]]:
        """Give the agreement statistics by criterion."""
        return {name: part.agreement for name, part in self.parts.items()}

    @property
    def diagnostics(self) -> dict[str, dict[str, Any]]:
        """Give each fit's diagnostics by criterion."""
        return {name: part.diagnostics for name, part in self.parts.items()}

    def predict(self, rows: pd.DataFrame | Path | str) -> pd.DataFrame:
        """Return how likely each answer of these rows is: the columns of the input without the answer."""
        return self.ask(rows)

    def write(self, out: Path | str) -> Path:
        """Write the files into a folder: all of them or none."""
        from calibration.standalone import writing

        return writing.write(self, Path(out))

    def _stacked(self, name: str) -> pd.DataFrame:
        found = []
        for criterion, part in self.parts.items():
            if name in part.tables:
                table = part.tables[name]
                found.append(pd.concat([table.iloc[:, :1], _column(criterion, table), table.iloc[:, 1:]], axis=1))
        if not found:
            raise KeyError(f"A {self.kind} calibration has no table {name}.")
        return pd.concat(found, ignore_index=True)


def _column(criterion: str, table: pd.DataFrame) -> pd.Series:
    return pd.Series(criterion, index=table.index, name="criterion", dtype=object)
