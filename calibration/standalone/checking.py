"""Check every value of an input, and turn it into the frame that the statistics read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from annotation.readers.errors import Code, ErrorLog
from calibration.standalone.problems import BadInput, stop_at
from calibration.standalone.tables import Table
from calibration.standalone.values import BadValue, Column


@dataclass(frozen=True, slots=True)
class Checked:
    """A frame whose every value may be used, with where each row came from."""

    frame: pd.DataFrame
    table: Table
    log: ErrorLog = field(default_factory=ErrorLog)

    def refuse(self, row: int, column: str, code: Code, message: str) -> None:
        """Log what is wrong with a row."""
        excerpt = self.table.columns[column][row] if column in self.table.columns else ""
        self.log.add(
            file=self.table.name,
            line=self.table.lines[row],
            field=column,
            code=code,
            message=message,
            excerpt=excerpt,
        )


Rule = Callable[[Checked], None]


def check(table: Table, columns: Sequence[Column], rules: Sequence[Rule] = ()) -> Checked:
    """Read each column's values and apply the rules that look at several of them.

    Raises
    ------
    BadInput
        With the line and column of everything that was refused.
    """
    log = ErrorLog()
    for column in columns:
        if column.needed and column.name not in table.columns:
            raise BadInput(f"{table.name} has no column {column.name}; every row needs it.")
    read = {column.name: _read(column, table, log) for column in columns if column.name in table.columns}
    stop_at(log)
    checked = Checked(pd.DataFrame(read), table)
    for rule in rules:
        rule(checked)
    stop_at(checked.log)
    return checked


def _read(column: Column, table: Table, log: ErrorLog) -> pd.Series:
    known: dict[tuple[type, Any], Any] = {}
    read = []
    for line, raw in zip(table.lines, table.columns[column.name], strict=True):
        try:
            read.append(_value(column, raw, known))
        except BadValue as bad:
            read.append(None)
            log.add(file=table.name, line=line, field=column.name, code=bad.code, message=str(bad), excerpt=raw)
    return pd.Series(read, dtype=object)


def _value(column: Column, raw: Any, known: dict[tuple[type, Any], Any]) -> Any:
    """Read a value, equal ones once."""
    try:
        return known[type(raw), raw]
    except (KeyError, TypeError):
        pass
    value = None if raw is None else column.read(raw)
    if value is None and column.needed:
        raise BadValue("missing", "is missing; every row needs it")
    known[type(raw), raw] = value
    return value


def constant_per(key: str, *columns: str) -> Rule:
    """Make a rule: whatever has one key has one value in each of the columns."""

    def rule(checked: Checked) -> None:
        for column in columns:
            if column in checked.frame:
                _check_constant(checked, key, column)

    return rule


def _check_constant(checked: Checked, key: str, column: str) -> None:
    first: dict[Any, tuple[Any, int]] = {}
    for row, (name, value) in enumerate(zip(checked.frame[key], checked.frame[column], strict=True)):
        earlier, line = first.setdefault(name, (value, checked.table.lines[row]))
        if earlier != value:
            message = f"differs for the same {key} from line {line}; give each {key} one"
            checked.refuse(row, column, "conflict", message)


def human_by_default(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Let annotators of no kind be human, and say how many rows that concerns."""
    if "annotator_kind" not in frame or not (blank := int(frame["annotator_kind"].isna().sum())):
        return frame, []
    note = f"annotator_kind is empty in {blank:,} rows; they count as human."
    return frame.assign(annotator_kind=frame["annotator_kind"].fillna("human")), [note]
