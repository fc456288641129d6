"""Labels with gold that no method sees: accuracy, log loss, Brier score and calibration error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tests.bench.measuring import Bench
from tests.bench.methods import LABELS
from tests.calibration.bayes.labeling import public

SETS = {"Bluebirds": public.bluebirds, "Weather sentiment (CF_amt)": public.weather}


def measured(bench: Bench, folder: Path) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
    """Give the name of each data set, its number of judgments, and a row for every method."""
    for name, read in SETS.items():
        frame, gold = read(folder)
        rows = []
        for method in LABELS:
            run = bench.measure(method, read.__name__, frame)
            if run is not None:
                scores = public.scores(pd.DataFrame(run["items"]), gold)
                rows.append({"method": method.name, "items": len(gold)} | scores | run)
        yield name, len(frame), rows
