"""Values of a frame by criterion, group and metric, as tests compare them."""

from typing import Any

import pandas as pd
import pytest

from calibration.agreement.comparisons import RATIO, comparisons
from calibration.agreement.metrics import METRICS
from calibration.agreement.results import Agreement

ALL = tuple(name for name in METRICS if name != RATIO)
Key = tuple[str | None, str, str]


def by_key(records: list[Agreement]) -> dict[Key, Agreement]:
    return {(record.criterion, record.who, record.metric): record for record in records}


def values(frame: pd.DataFrame, **kwargs: Any) -> dict[Key, float | None]:
    settings: dict[str, Any] = {"seed": 1, "n_boot": 0, "metrics": ALL} | kwargs
    records = comparisons(frame, **settings)
    return {key: record.value for key, record in by_key(records).items()}


def close(one: dict[Key, float | None], other: dict[Key, float | None]) -> bool:
    return one.keys() == other.keys() and all(
        value == other[key] if value is None else other[key] == pytest.approx(value, abs=1e-12)
        for key, value in one.items()
    )


def frame_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["item", "annotator", "outcome"])
    return frame.assign(annotator_kind="human", criterion="overall", system_a="amber", system_b="birch")
