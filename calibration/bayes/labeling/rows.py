"""Check the columns of a long frame of labels and keep one row for each annotator and item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from calibration.bayes.columns import UnusableFrame

REQUIRED = ("item", "annotator", "label")
KINDS = {"human": "human", "llm": "llm", "judge": "llm"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold the effective rows, sorted by item and annotator, all labels, and the number of replaced rows."""

    frame: pd.DataFrame
    labels: tuple[str, ...]
    criterion: str
    n_replaced: int


def checked(frame: pd.DataFrame, labels: Sequence[str] | None = None, also: Sequence[str] = ()) -> Rows:
    """Give text columns item, annotator, label, group, kind, system and pool (None where unknown).

    Of several rows of one annotator on one item the last counts. ``labels`` names all labels that could be given;
    by default those that occur here or in ``also``, and a categorical column's categories.
    """
    needs(frame, REQUIRED)
    if frame.empty:
        raise UnusableFrame("The frame has no label; collect or import some before calibrating.")
    rows = pd.DataFrame({name: text(frame, name) for name in REQUIRED})
    rows["kind"] = kind(frame)
    rows["group"] = group(frame, rows["kind"])
    _one_each(rows["kind"], rows["annotator"], "Annotator", "annotator_kind")
    _one_each(rows["group"], rows["annotator"], "Annotator", "annotator_group")
    for name in ("system", "pool"):
        rows[name] = _of_item(frame, rows["item"], name)
    last = ~rows.duplicated(["item", "annotator"], keep="last")
    effective = rows[last].sort_values(["item", "annotator"], kind="stable", ignore_index=True)
    return Rows(effective, _labels(frame, {*rows["label"], *also}, labels), criterion(frame), int((~last).sum()))


def needs(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse a frame that lacks columns."""
    if missing := [name for name in names if name not in frame.columns]:
        raise UnusableFrame(f"The frame lacks the columns {', '.join(missing)}; labels need {', '.join(names)}.")


def text(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column as text; an empty cell is refused by row."""
    column = frame[name].reset_index(drop=True)
    words = column.astype(object).where(column.notna(), None).map(lambda value: "" if value is None else str(value))
    if (bad := words == "").any():
        raise UnusableFrame(f"Column {name} is empty in {row_numbers(bad)}; every judgment needs it.")
    return words


def row_numbers(bad: pd.Series) -> str:
    """Name the rows of a mask, the first five of many."""
    positions = [position + 1 for position, is_bad in enumerate(bad) if is_bad]
    shown = ", ".join(map(str, positions[:5]))
    return f"row {shown}" if len(positions) == 1 else f"{len(positions)} rows (first: {shown})"


def kind(frame: pd.DataFrame) -> pd.Series:
    """Give each row's kind, human or llm; human where none is named."""
    if "annotator_kind" not in frame.columns:
        return pd.Series("human", index=range(len(frame)), dtype=object)
    given = frame["annotator_kind"].reset_index(drop=True).astype(object)
    found = given.where(given.notna(), "human").map(KINDS)
    if (bad := found.isna()).any():
        allowed = ", ".join(KINDS)
        raise UnusableFrame(
            f"Column annotator_kind holds {given[bad].iloc[0]!r} in {row_numbers(bad)}; use one of {allowed}."
        )
    return found.astype(object)


def group(frame: pd.DataFrame, kinds: pd.Series) -> pd.Series:
    """Name each row's group: the kind, and within it the annotator_group where one is given."""
    if "annotator_group" not in frame.columns:
        return kinds
    given = frame["annotator_group"].reset_index(drop=True).astype(object)
    named = given.notna() & (given.astype(str) != "")
    return kinds.where(~named, kinds + ": " + given.astype(str))


def _of_item(frame: pd.DataFrame, item: pd.Series, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(None, index=item.index, dtype=object)
    given = frame[name].reset_index(drop=True).astype(object)
    known = given.notna() & (given.astype(str) != "")
    _one_each(given[known].astype(str), item[known], "Item", name)
    return given.astype(str).astype(object).where(known, None)


def _one_each(value: pd.Series, owner: pd.Series, what: str, name: str) -> None:
    pairs = pd.DataFrame({"owner": owner, "value": value}).drop_duplicates()
    if (several := pairs["owner"].duplicated()).any():
        who = pairs["owner"][several].iloc[0]
        raise UnusableFrame(f"{what} {who!r} has several values of {name}; give each {what.lower()} one.")


def criterion(frame: pd.DataFrame) -> str:
    """Give the one criterion of a frame, empty where none is named."""
    if "criterion" not in frame.columns:
        return ""
    found = sorted({"" if pd.isna(value) else str(value) for value in frame["criterion"].unique()})
    if not found:
        return ""
    if len(found) > 1:
        raise UnusableFrame(f"The frame mixes the criteria {', '.join(map(repr, found))}; calibrate them one by one.")
    return found[0]


def _labels(frame: pd.DataFrame, found: set[str], named: Sequence[str] | None) -> tuple[str, ...]:
    if named is not None:
        possible = dict.fromkeys(str(name) for name in named)
        if unknown := sorted(found - set(possible)):
            raise UnusableFrame(
                f"The label {unknown[0]!r} was given, which is none of the labels {', '.join(possible)}."
            )
        return tuple(possible)
    if isinstance(frame["label"].dtype, pd.CategoricalDtype):
        found |= {str(name) for name in frame["label"].dtype.categories}
    return tuple(sorted(found))
