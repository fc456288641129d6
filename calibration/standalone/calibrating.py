"""The door: from a frame or a file to a calibration."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.standalone import kinds, origin, tables
from calibration.standalone.checking import Checked, check
from calibration.standalone.kinds import AUTO, KINDS, Kind
from calibration.standalone.problems import BadInput
from calibration.standalone.results import NOT_RELEASED, Calibration, Part
from calibration.standalone.settings import Settings

type Source = pd.DataFrame | Path | str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a calibration is, over all criteria."""

    stage: str
    percent: float
    eta_seconds: float | None


Listener = Callable[[Progress], None]


def calibrate(
    source: Source,
    *,
    kind: str = AUTO,
    seed: int = 0,
    chains: int | None = None,
    draws: int | None = None,
    criterion: str | None = None,
    gold: Source | None = None,
    predict: Source | None = None,
    progress: Listener | None = None,
) -> Calibration:
    """Estimate what people and judges prefer and how far each can be trusted, from nothing but a table.

    Parameters
    ----------
    source
        A frame, or the path of a CSV, JSON lines or Parquet file; one row per judgment. Comparisons have ``item,
        annotator, system_a, system_b, outcome`` (a, b, tie, both_bad) and, where known, ``shown_order`` (ab, ba),
        ``length_a, length_b`` (characters), ``strength``, ``annotator_kind`` (human, llm), ``annotator_family,
        annotator_group, system_family_a, system_family_b, submitted_at, criterion, round``. Labels have ``item,
        annotator, label`` and, where known, ``annotator_kind, annotator_group, system, submitted_at, criterion``.
        Ids and labels keep their form.
    kind
        comparison, labeling, or auto: by the columns.
    seed, chains, draws
        Of the sampler (labeling has no ``draws``); the same input, seed and versions give the same numbers.
    criterion
        Only this one; otherwise each is fitted by itself.
    gold
        Known answers (labeling): ``item, label`` and, where there are several, ``criterion``.
    predict
        Rows without the answer whose answers are to be predicted.
    progress
        Called about twice a second.

    Returns
    -------
    Calibration
        Its ``passed`` may be False: then no number may be released.

    Raises
    ------
    BadInput
        When the input cannot be used; the message names lines and columns.
    """
    settings = Settings(seed, chains, draws, criterion)
    name = kind if kind in KINDS else kinds.named(kind, tables.headings(source))
    checked = _checked(source, KINDS[name].columns, KINDS[name])
    frame, notes = KINDS[name].completed(checked.frame)
    parts = _by_criterion(frame, settings.criterion)
    if (others := len(frame) - sum(map(len, parts.values()))) > 0:
        notes.append(f"{others:,} rows of other criteria were not used.")
    known = None if gold is None else _gold(gold, name)
    asked = None if predict is None else _asked(predict, KINDS[name], set(parts))
    found = _fitted(parts, KINDS[name], settings, checked.table.sha256, known, progress or (lambda _: None))
    told = [f"{_of(key)}{text}" for key, part in found.items() for text in part.warnings]
    return Calibration(
        kind=name,
        parts=found,
        run=_run(name, checked, settings, found) | ({} if known is None else _of_gold(known)),
        ask=partial(_predicted_from, KINDS[name], found),
        warnings=(*_unused(checked), *notes, *told, *([] if asked is None else _unused(asked))),
        predictions=None if asked is None else _predicted(asked, KINDS[name], found),
    )


def _checked(source: Source, columns: Any, kind: Kind) -> Checked:
    names = [column.name for column in columns]
    needs = [column.name for column in columns if column.needed]
    return check(tables.read(source, names, needs), columns, kind.rules)


def _gold(source: Source, name: str) -> Checked:
    columns = KINDS[name].gold
    if not columns:
        raise BadInput(f"Known answers (gold) are not used for a {name} calibration; leave them out.")
    names = [column.name for column in columns]
    return check(tables.read(source, names, names[:2]), columns)


def _of_gold(known: Checked) -> dict[str, Any]:
    return {"gold": known.table.name, "gold_rows": len(known.frame), "gold_sha256": known.table.sha256}


def _asked(source: Source, kind: Kind, criteria: set[str]) -> Checked:
    """Check the rows to predict before any fit; each must name a criterion that is fitted."""
    checked = _checked(source, kind.asked(), kind)
    for row, criterion in enumerate(_criteria(checked.frame, criteria)):
        if criterion not in criteria:
            message = f"names no criterion that is fitted; use one of {', '.join(map(repr, sorted(criteria)))}"
            checked.refuse(row, "criterion", "unknown_ref", message)
    if checked.log.total:
        raise BadInput.of(checked.log)
    return checked


def _criteria(frame: pd.DataFrame, fitted: set[str]) -> list[str]:
    """Give the criterion of each row; where there is one only, it need not be named."""
    only = next(iter(fitted)) if len(fitted) == 1 else ""
    if "criterion" not in frame:
        return [only] * len(frame)
    return [only if name is None else str(name) for name in frame["criterion"]]


def _by_criterion(frame: pd.DataFrame, chosen: str | None) -> dict[str, pd.DataFrame]:
    if "criterion" not in frame or frame["criterion"].isna().all():
        if chosen is not None:
            raise BadInput(f"The input names no criterion, so {chosen!r} cannot be chosen.")
        return {"": frame.drop(columns="criterion", errors="ignore")}
    names = frame["criterion"].fillna("")
    parts = {str(name): frame[names == name].assign(criterion=name) for name in sorted(names.unique())}
    if chosen is None:
        return parts
    if chosen not in parts:
        raise BadInput(f"The input has no criterion {chosen!r}; it has {', '.join(map(repr, parts))}.")
    return {chosen: parts[chosen]}


def _fitted(
    parts: dict[str, pd.DataFrame],
    kind: Kind,
    settings: Settings,
    sha256: str,
    gold: Checked | None,
    listener: Listener,
) -> dict[str, Part]:
    # Without a C compiler PyTensor warns and looks for one at every start.
    os.environ.setdefault("PYTENSOR_FLAGS", "cxx=")
    found = {}
    for index, (name, part) in enumerate(parts.items()):

        def show(now: Any, index: int = index, name: str = name) -> None:
            listener(Progress(f"{_of(name)}{now.stage}", (index * 100 + now.percent) / len(parts), now.eta_seconds))

        found[name] = kind.fit(part, settings, show, sha256, None if gold is None else gold.frame)
    listener(Progress("done", 100.0, 0.0))
    return found


def _predicted_from(kind: Kind, parts: dict[str, Part], rows: Source) -> pd.DataFrame:
    return _predicted(_asked(rows, kind, set(parts)), kind, parts)


def _predicted(asked: Checked, kind: Kind, parts: dict[str, Part]) -> pd.DataFrame:
    """Predict each criterion's rows with its own fit, and put them back into the order of the input."""
    frame, _ = kind.completed(asked.frame)
    criteria = pd.Series(_criteria(frame, set(parts)), dtype=object)
    rows = frame.assign(criterion=criteria)
    found = []
    for name, part in parts.items():
        own = rows[(criteria == name).to_numpy(bool)]
        if len(own):
            found.append(part.predict(own.reset_index(drop=True)).set_index(own.index))
    needed = [column.name for column in kind.asked() if column.needed]
    return pd.concat([rows[[*needed, "criterion"]], pd.concat(found)], axis=1)


def _of(criterion: str) -> str:
    return f"{criterion}: " if criterion else ""


def _unused(checked: Checked) -> list[str]:
    name = checked.table.name
    return [f"{name}: there is no use for a column {column!r}; it was not read." for column in checked.table.unused]


def _run(name: str, checked: Checked, settings: Settings, parts: dict[str, Part]) -> dict[str, Any]:
    passed = all(part.passed for part in parts.values())
    return {
        "kind": name,
        "passed": passed,
        "note": "" if passed else NOT_RELEASED,
        "input": checked.table.name,
        "data_sha256": checked.table.sha256,
        "code_sha256": origin.code_sha256(),
        "rows": len(checked.frame),
        "rows_used": sum(part.counts["rows"] for part in parts.values()),
        "columns_used": sorted(checked.frame.columns),
        "columns_not_used": list(checked.table.unused),
        "settings": settings.as_dict(),
        "counts": {criterion: part.counts for criterion, part in parts.items()},
        "versions": origin.versions(),
    }
