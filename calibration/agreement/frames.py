"""Read the long frame of comparisons into integers: canonical sides, first rounds, one judgment per annotator."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from calibration.agreement.coding import Ints, Marks

NEEDED = ("item", "annotator", "outcome")
B, TIE, A = 0, 1, 2
OUTCOMES = {"b": B, "tie": TIE, "both_bad": TIE, "a": A}
HUMAN, JUDGE, OTHER = 0, 1, 2
KINDS = {"human": HUMAN, "import": HUMAN, "judge": JUDGE, "llm": JUDGE, "oracle": OTHER, "heuristic": OTHER}


class MissingColumns(ValueError):
    """The frame lacks columns that agreement needs."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"the frame has no column {', '.join(missing)}; agreement needs {', '.join(NEEDED)}")


class UnknownValues(ValueError):
    """A column holds values that it must not hold."""

    def __init__(self, column: str, count: int, example: object, allowed: str) -> None:
        super().__init__(
            f"column {column}: {count:,} rows hold a value like {example!r}; allowed is {allowed}. "
            "Correct these rows or leave them out"
        )


class MixedKinds(ValueError):
    """One annotator appears as two kinds."""

    def __init__(self, annotator: str) -> None:
        super().__init__(
            f"annotator {annotator!r} is a human in some rows and a judge in others; give each an id of its own"
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Judgments of one criterion as integers, in the frame's row order.

    Attributes
    ----------
    unit
        Index of the item and pair of systems, in the order of their ids.
    annotator
        Index into `annotator_ids`, which are in order.
    outcome
        0 for b, 1 for a tie or both bad, 2 for a, in canonical order.
    kind
        0 human, 1 judge, 2 other.
    used
        Whether the row enters agreement: the last answer of round 0 of its annotator to its unit.
    has_ties
        Whether a tie occurs anywhere, so that there are three outcomes and not two.
    """

    unit: Ints
    annotator: Ints
    outcome: Ints
    kind: Ints
    used: Marks
    annotator_ids: tuple[str, ...]
    has_ties: bool

    def among(self, chosen: Marks | Ints) -> "Rows":
        """Return the chosen rows; the outcomes that could occur stay the same."""
        parts = {name: getattr(self, name)[chosen] for name in ("unit", "annotator", "outcome", "kind", "used")}
        return replace(self, **parts)


def read(frame: pd.DataFrame) -> Rows:
    """Check a long frame of comparisons of one criterion and turn it into integers.

    Parameters
    ----------
    frame
        Columns item, annotator, outcome (a, b, tie, both_bad); optional system_a, system_b (rows with system_b before
        system_a are turned round), annotator_kind (default human), round (default 0), submitted_at.

    Raises
    ------
    MissingColumns
        If a needed column is absent.
    UnknownValues
        If an item, annotator or system is missing, or an outcome or kind is none of those allowed.
    MixedKinds
        If an annotator is human in some rows and a judge in others.
    """
    check(frame)
    outcome, unit = _oriented(frame)
    annotator, ids = _codes(frame["annotator"])
    names = tuple(map(str, ids))
    first = np.ones(len(frame), bool) if "round" not in frame else _rounds(frame["round"]) == 0
    kind = _kinds(frame, annotator, names)
    rows = Rows(unit, annotator, outcome, kind, first, names, bool((outcome == TIE).any()))
    return replace(rows, used=first & _last(rows, first, frame))


def by_criterion(frame: pd.DataFrame) -> Iterator[tuple[str | None, pd.DataFrame]]:
    """Yield each criterion with its rows, in order; None for rows without one."""
    if "criterion" not in frame or frame.empty:
        yield None, frame
        return
    codes, names = pd.factorize(frame["criterion"], sort=True)
    for code in np.unique(codes):
        name = None if code < 0 else str(names[code])
        yield name, frame if (codes == code).all() else frame[codes == code]


def check(frame: pd.DataFrame) -> None:
    """Refuse a frame without the columns that agreement needs."""
    if missing := [name for name in NEEDED if name not in frame]:
        raise MissingColumns(missing)


def _oriented(frame: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return outcomes in canonical order and units of item and pair."""
    outcome, item = mapped(frame["outcome"], OUTCOMES), _codes(frame["item"])[0]
    if "system_a" not in frame or "system_b" not in frame:
        return outcome, item
    codes, systems = _codes(pd.concat([frame["system_a"], frame["system_b"]], ignore_index=True))
    left, right = codes[: len(frame)], codes[len(frame) :]
    turned = left > right
    outcome = np.where(turned, 2 - outcome, outcome)
    pair = np.minimum(left, right) * len(systems) + np.maximum(left, right)
    return outcome, _combined(item, pair)


def _combined(item: Ints, pair: Ints) -> Ints:
    """Give every pair within an item its number; the usual item has one pair and keeps its own."""
    first = np.full(int(item.max(initial=-1)) + 1, -1)
    first[item] = pair
    if np.array_equal(first[item], pair):
        return item
    pairs = np.unique(pair, return_inverse=True)[1]
    return item * (int(pairs.max()) + 1) + pairs


def _codes(column: pd.Series) -> tuple[Ints, pd.Index]:
    codes, ids = pd.factorize(column, sort=True)
    if (codes < 0).any():
        raise UnknownValues(str(column.name or "system_a, system_b"), int((codes < 0).sum()), None, "any id, not empty")
    return codes.astype(np.int64), ids


def mapped(column: pd.Series, allowed: dict[str, int]) -> Ints:
    """Return the number, 0 or more, of each value; refuse values that are not allowed."""
    codes, values = pd.factorize(column)
    table = np.array([allowed.get(value, -1) for value in values] + [-1])
    mapped = table[codes]
    if (mapped < 0).any():
        wrong = column[mapped < 0]
        raise UnknownValues(str(column.name), len(wrong), wrong.iloc[0], ", ".join(allowed))
    return mapped


def _kinds(frame: pd.DataFrame, annotator: Ints, names: tuple[str, ...]) -> Ints:
    if "annotator_kind" not in frame:
        return np.full(len(frame), HUMAN)
    kind = mapped(frame["annotator_kind"], KINDS)
    of_annotator = np.zeros(len(names), np.int64)
    of_annotator[annotator] = kind
    if (mixed := of_annotator[annotator] != kind).any():
        raise MixedKinds(names[annotator[mixed.argmax()]])
    return kind


def _rounds(column: pd.Series) -> Ints:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    if np.isnan(numbers).any():
        wrong = column[np.isnan(numbers)]
        raise UnknownValues("round", len(wrong), wrong.iloc[0], "a whole number, 0 for the first answer")
    return numbers.astype(np.int64)


def _last(rows: Rows, first: Marks, frame: pd.DataFrame) -> Marks:
    """Mark the last answer of each annotator to each unit by time, then by row; no time is earliest."""
    key = rows.unit * len(rows.annotator_ids) + rows.annotator
    among = np.flatnonzero(first)
    if not (np.diff(np.sort(key[among])) == 0).any():
        return first
    times = _times(frame["submitted_at"]) if "submitted_at" in frame else np.zeros(len(frame), np.int64)
    order = among[np.lexsort((among, times[among], key[among]))]
    kept = np.zeros(len(frame), bool)
    kept[order[np.append(np.diff(key[order]) != 0, True)]] = True
    return kept


def _times(column: pd.Series) -> Ints:
    """Return moments as whole numbers; a missing one is the smallest."""
    times = pd.to_datetime(column, utc=True, errors="coerce")
    if (wrong := column[(times.isna() & column.notna()).to_numpy()]).size:
        raise UnknownValues("submitted_at", wrong.size, wrong.iloc[0], "a moment like 2026-05-04T09:30:00Z, or empty")
    return times.dt.tz_localize(None).to_numpy().astype(np.int64)
