"""Simulated campaigns of growing size: what a fit costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from calibration.bayes import population
from tests.bench.measuring import Bench
from tests.bench.methods import AGREEMENT, SPEED
from tests.bench.public_sets import SEED

SIZES, LARGEST = (1_000, 5_000, 20_000), 100_000
AGREEMENT_SIZE = 1_000_000
SYSTEMS, OVERLAP = 10, 5
PAIRS = SYSTEMS * (SYSTEMS - 1) // 2


def campaign(n: int) -> pd.DataFrame:
    """Draw n judgments of ten systems by honest people, a hundred judgments each, at most 200 people."""
    people = population.members(max(10, min(200, n // 100)), seed=SEED)
    prompts = -(-n // (PAIRS * OVERLAP))
    drawn = population.campaign(people, seed=SEED, systems=SYSTEMS, prompts=prompts, overlap=OVERLAP)
    frame = drawn.frame.head(n)
    return frame[["item", "annotator", "annotator_kind", "system_a", "system_b", "outcome", "shown_order"]]


def measured(bench: Bench, *, quick: bool) -> Iterator[tuple[int, dict[str, dict[str, Any] | None]]]:
    """Give each size with the run of every method."""
    for n in SIZES if quick else (*SIZES, LARGEST):
        frame = campaign(n)
        yield n, {method.name: bench.measure(method, f"n{n}", frame) for method in SPEED}


def agreement(bench: Bench) -> dict[str, Any] | None:
    """Measure the agreement of a million judgments."""
    return bench.measure(AGREEMENT, f"n{AGREEMENT_SIZE}", campaign(AGREEMENT_SIZE))
