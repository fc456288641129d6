"""The door for labels: agreement of annotators who put one value on each unit."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.agreement.coding import Coded, Floats, encode
from calibration.agreement.frames import MissingColumns, UnknownValues
from calibration.agreement.metrics import Metric, named
from calibration.agreement.records import Origin, Resampling, measure
from calibration.agreement.results import Agreement

NEEDED = ("item", "annotator", "label")
DEFAULT = ("percent_pooled", "percent_unit_mean", "alpha_nominal", "ac1", "fleiss")


class NotNumeric(ValueError):
    """A statistic needs numbers, and the labels are words."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"{', '.join(names)} need finite numbers as labels; give numbers, or use nominal or ordinal statistics"
        )


class NoOrder(ValueError):
    """A statistic needs an order, and the labels are words without one."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{', '.join(names)} need an order of the labels; pass `values` from least to most")


def labels(
    frame: pd.DataFrame,
    *,
    metrics: Sequence[str] = DEFAULT,
    values: Sequence[object] | None = None,
    seed: int,
    n_boot: int = 1_000,
    level: float = 0.9,
    who: str = "all",
    criterion: str | None = None,
    code_version: str = "",
    data_sha256: str = "",
) -> list[Agreement]:
    """Measure how far annotators agree on labels.

    Parameters
    ----------
    frame
        One row per judgment: item, annotator, label. Rows without a label are left out and not counted; of several
        rows of one annotator on one item the last counts, the others are counted as excluded.
    metrics
        Statistics, keys of `metrics.METRICS`.
    values
        All values that could be given, from least to most; by default those that occur, in their own order.
    seed, n_boot, level
        Of the pigeonhole bootstrap over items and annotators; n_boot 0 gives no intervals.
    who, criterion, code_version, data_sha256
        Written into the records.

    Returns
    -------
    list of Agreement
        One for each metric, orientation none. Labels without variation leave every alpha and kappa undefined.

    Raises
    ------
    MissingColumns, UnknownValues
        If a column or an id is missing, or a label is not among ``values``.
    NotNumeric, NoOrder
        If a statistic needs numbers or an order and the labels have none.
    UnknownMetric, InvalidSetting, TooManyValues
        If a statistic or a setting is not one of those offered.
    """
    chosen, resampling = named(metrics), Resampling(seed=seed, n_boot=n_boot, level=level)
    given = _given(frame)
    codes, scores = _codes(given["label"], values, chosen)
    kept = ~given.duplicated(["item", "annotator"], keep="last").to_numpy()
    coded = _coded(given[kept], codes[kept], scores)
    origin = Origin(
        who=who,
        criterion=criterion,
        n_excluded=int((~kept).sum()),
        code_version=code_version,
        data_sha256=data_sha256,
    )
    return measure(coded, chosen, resampling, origin, orientation="none")


def _given(frame: pd.DataFrame) -> pd.DataFrame:
    if missing := [name for name in NEEDED if name not in frame]:
        raise MissingColumns(missing)
    given = frame.loc[frame["label"].notna(), list(NEEDED)]
    for name in ("item", "annotator"):
        if absent := int(given[name].isna().sum()):
            raise UnknownValues(name, absent, None, "any id, not empty")
    return given


def _codes(
    column: pd.Series, values: Sequence[object] | None, chosen: Sequence[Metric]
) -> tuple[npt.NDArray[np.intp], Floats]:
    known = _known(column) if values is None else pd.Index(values)
    if known.has_duplicates:
        raise UnknownValues("label", int(known.duplicated().sum()), known[known.duplicated()][0], "each value once")
    codes = known.get_indexer(column)
    if (codes < 0).any():
        wrong = column[codes < 0]
        raise UnknownValues("label", len(wrong), wrong.iloc[0], ", ".join(map(str, known)))
    numeric = pd.api.types.is_numeric_dtype(known.dtype) and bool(np.isfinite(known.to_numpy(float)).all())
    if needing := [metric.name for metric in chosen if metric.level in {"interval", "ratio"} and not numeric]:
        raise NotNumeric(needing)
    if needing := [metric.name for metric in chosen if metric.level != "nominal" and not numeric and values is None]:
        raise NoOrder(needing)
    return codes, known.to_numpy(float) if numeric else np.arange(len(known), dtype=float)


def _known(column: pd.Series) -> pd.Index:
    """Return the labels that occur in their own order; words and numbers mixed sort as words."""
    try:
        found = list(column.unique())
    except TypeError:
        raise UnknownValues("label", len(column), column.iloc[0], "a word or a number") from None
    try:
        return pd.Index(sorted(found))
    except TypeError:
        return pd.Index(sorted(found, key=str), dtype=object)


def _coded(given: pd.DataFrame, codes: npt.NDArray[np.intp], scores: Floats) -> Coded:
    unit, _ = pd.factorize(given["item"], sort=True)
    annotator, _ = pd.factorize(given["annotator"], sort=True)
    return encode(unit, annotator, codes, n_codes=max(len(scores), 1), scores=scores)
