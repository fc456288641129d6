"""Check the columns of a long frame and put every row into canonical orientation."""

from __future__ import annotations

import numpy as np
import pandas as pd

REQUIRED = ("item", "annotator", "system_a", "system_b", "outcome")
OUTCOMES = {"a": 0, "tie": 1, "both_bad": 1, "b": 2}
KINDS = ("human", "judge", "llm", "oracle", "heuristic")
_FLIP = {"a": "b", "b": "a", "tie": "tie", "both_bad": "both_bad"}
_POSITION = {"ab": 1.0, "ba": -1.0}


class UnusableFrame(ValueError):
    """Say why a frame cannot be calibrated and what to change."""


def canonical(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the checked columns with system_a <= system_b, plus ``position`` and ``log_ratio``."""
    _check_shape(frame)
    rows = pd.DataFrame({name: _text(frame, name) for name in ("item", "annotator", "system_a", "system_b")})
    rows["outcome"] = _choice(frame, "outcome", tuple(OUTCOMES))
    rows["annotator_kind"] = _kind(frame, rows["annotator"])
    rows["criterion"] = _one_criterion(frame)
    rows["position"] = _position(frame)
    rows["log_ratio"] = _log_ratio(frame)
    rows["self_preference"] = _self_preference(frame)
    rows["subgroup"] = _subgroup(frame, rows)
    rows["strength"] = _strength(frame, rows["outcome"])
    return _flipped(rows)


def _flipped(rows: pd.DataFrame) -> pd.DataFrame:
    flip = (rows["system_a"] > rows["system_b"]).to_numpy()
    rows = rows.assign(
        system_a=rows["system_a"].where(~flip, rows["system_b"]),
        system_b=rows["system_b"].where(~flip, rows["system_a"]),
        outcome=rows["outcome"].where(~flip, rows["outcome"].map(_FLIP)),
    )
    sign = np.where(flip, -1.0, 1.0)
    # adding 0.0 turns -0.0 into 0.0, so that both recordings give equal bytes
    signed = ("position", "log_ratio", "self_preference")
    return rows.assign(**{name: rows[name] * sign + 0.0 for name in signed})


def _check_shape(frame: pd.DataFrame) -> None:
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        needed = ", ".join(REQUIRED)
        raise UnusableFrame(f"The frame lacks the columns {', '.join(missing)}; comparisons need {needed}.")
    if frame.empty:
        raise UnusableFrame("The frame has no judgment; collect or import some before calibrating.")


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    column = frame[name].reset_index(drop=True)
    bad = column.isna() | (column.astype(str) == "")
    if bad.any():
        raise UnusableFrame(f"Column {name} is empty in {_rows(bad)}; every judgment needs it.")
    return column.astype(str).astype(object)


def _choice(frame: pd.DataFrame, name: str, allowed: tuple[str, ...]) -> pd.Series:
    column = frame[name].reset_index(drop=True).astype(object)
    bad = ~column.isin(allowed)
    if bad.any():
        value = column[bad].iloc[0]
        raise UnusableFrame(f"Column {name} holds {value!r} in {_rows(bad)}; use one of {', '.join(allowed)}.")
    return column


def _kind(frame: pd.DataFrame, annotator: pd.Series) -> pd.Series:
    if "annotator_kind" not in frame.columns:
        return pd.Series("human", index=annotator.index, dtype=object)
    kind = _choice(frame, "annotator_kind", KINDS).replace("llm", "judge")
    several = kind.groupby(annotator).nunique()
    if (several > 1).any():
        name = several.index[several > 1][0]
        raise UnusableFrame(f"Annotator {name!r} has several values of annotator_kind; give each annotator one.")
    return kind


def _one_criterion(frame: pd.DataFrame) -> str:
    if "criterion" not in frame.columns:
        return ""
    found = sorted({"" if pd.isna(value) else str(value) for value in frame["criterion"].unique()})
    if len(found) > 1:
        raise UnusableFrame(f"The frame mixes the criteria {', '.join(map(repr, found))}; calibrate them one by one.")
    return found[0]


def _position(frame: pd.DataFrame) -> pd.Series:
    if "shown_order" not in frame.columns:
        return pd.Series(0.0, index=range(len(frame)))
    order = frame["shown_order"].reset_index(drop=True).astype(object)
    known = order.notna()
    bad = known & ~order.isin(tuple(_POSITION))
    if bad.any():
        raise UnusableFrame(f"Column shown_order holds {order[bad].iloc[0]!r} in {_rows(bad)}; use ab, ba or nothing.")
    return order.map(_POSITION).astype(float).fillna(0.0)


def _log_ratio(frame: pd.DataFrame) -> pd.Series:
    if "length_a" not in frame.columns or "length_b" not in frame.columns:
        return pd.Series(np.nan, index=range(len(frame)))
    a, b = (_length(frame[name].reset_index(drop=True)) for name in ("length_a", "length_b"))
    return np.log1p(a) - np.log1p(b)


def _length(column: pd.Series) -> pd.Series:
    number = pd.to_numeric(column, errors="coerce").astype(float)
    bad = (column.notna() & number.isna()) | (number < 0) | np.isinf(number)
    if bad.any():
        raise UnusableFrame(f"Column {column.name} is no length in {_rows(bad)}; give characters, or leave it empty.")
    return number


def _optional_text(frame: pd.DataFrame, name: str) -> pd.Series:
    """Give a column as text, empty where it is absent or empty."""
    if name not in frame.columns:
        return pd.Series("", index=range(len(frame)), dtype=object)
    column = frame[name].reset_index(drop=True).astype(object)
    return column.where(column.notna(), "").astype(str).astype(object)


def _self_preference(frame: pd.DataFrame) -> pd.Series:
    """Give +1 where only a is of the annotator's family, -1 where only b is, else 0."""
    family = _optional_text(frame, "annotator_family")
    own = [(family != "") & (family == _optional_text(frame, f"system_family_{side}")) for side in "ab"]
    return own[0].astype(float) - own[1].astype(float)


def _subgroup(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Give the stakeholder group of a person and the model family of a judge."""
    family, group = _optional_text(frame, "annotator_family"), _optional_text(frame, "annotator_group")
    named = group.where((rows["annotator_kind"] == "human") | (group != ""), family)
    several = named.groupby(rows["annotator"]).nunique()
    if (several > 1).any():
        name = several.index[several > 1][0]
        raise UnusableFrame(f"Annotator {name!r} has several groups or families; give each annotator one.")
    return named


def _strength(frame: pd.DataFrame, outcome: pd.Series) -> pd.Series:
    """Give how strongly the better side was preferred: 1, 2, ...; 0 for ties and where it was not asked."""
    if "strength" not in frame.columns:
        return pd.Series(0, index=outcome.index)
    column = frame["strength"].reset_index(drop=True)
    number = pd.to_numeric(column, errors="coerce").astype(float)
    bad = (column.notna() & (column.astype(str) != "") & number.isna()) | (number.notna() & (number % 1 != 0))
    if bad.any():
        raise UnusableFrame(f"Column strength holds {column[bad].iloc[0]!r} in {_rows(bad)}; use whole numbers.")
    number = number.fillna(0.0)
    # signed (a positive, b negative) as recorded, or the size alone
    side = outcome.map({"a": 1.0, "b": -1.0}).fillna(0.0) if (number < 0).any() else outcome.isin(("a", "b"))
    bad = (number != 0) & (np.sign(number) != side.astype(float))
    if bad.any():
        raise UnusableFrame(
            f"Column strength contradicts outcome in {_rows(bad)}; positive means a is better, negative b, 0 a tie."
        )
    return number.abs().astype(int)


def _rows(bad: pd.Series) -> str:
    positions = np.flatnonzero(bad.to_numpy()) + 1
    shown = ", ".join(map(str, positions[:5]))
    return f"row {shown}" if positions.size == 1 else f"{positions.size} rows (first: {shown})"
