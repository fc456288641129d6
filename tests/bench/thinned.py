"""Labels with gold, cut to a few judgments an item: what each method makes of small panels."""

from __future__ import annotations

import argparse
import importlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.bench.labeled import SETS
from tests.bench.methods import LABELS
from tests.bench.public_sets import data_dir
from tests.calibration.bayes.labeling import public

PER_ITEM, DRAWS = (3, 5), 20


@dataclass(frozen=True, slots=True)
class Thinned:
    """One method on one set and panel size: share right and log loss of every draw."""

    method: str
    accuracy: np.ndarray
    log_loss: np.ndarray


def cut(frame: pd.DataFrame, per_item: int, seed: int) -> pd.DataFrame:
    """Keep some judgments of every item, drawn at random; items with fewer keep all."""
    shuffled = frame.iloc[np.random.default_rng(seed).permutation(len(frame))]
    return shuffled.groupby("item", sort=True).head(per_item).sort_values(["item", "annotator"], ignore_index=True)


def measured(folder: Path, draws: int) -> Iterator[tuple[str, int, list[Thinned]]]:
    """Give each set's name, the judgments an item, and the methods, ours first."""
    for name, read in SETS.items():
        frame, gold = read(folder)
        for per_item in PER_ITEM:
            yield (
                name,
                per_item,
                [_over_draws(method.name, method.place, frame, gold, per_item, draws) for method in LABELS],
            )


def _over_draws(name: str, place: str, frame: pd.DataFrame, gold: pd.DataFrame, per_item: int, draws: int) -> Thinned:
    run = _function(place)
    found = [run(cut(frame, per_item, draw), seed=draw)["items"] for draw in range(draws)]
    scores = [public.scores(pd.DataFrame(items), gold) for items in found]
    right = np.array([score["right"] for score in scores]) / len(gold)
    return Thinned(name, right, np.array([score["log_loss"] for score in scores]))


def _function(place: str) -> Callable[..., dict[str, Any]]:
    module, _, name = place.partition(":")
    function: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), name)
    return function


def table(found: list[Thinned]) -> str:
    """Write a row a method; beside its accuracy what ours has more, with the standard error over the draws."""
    ours, lines = found[0], ["| method | accuracy | ours minus it (se) | log loss |", "|---|---:|---:|---:|"]
    for one in found:
        gap = ours.accuracy - one.accuracy
        error = gap.std(ddof=1) / np.sqrt(gap.size)
        beside = "" if one is ours else f"{gap.mean():+.4f} ({error:.4f})"
        lines.append(f"| {one.method} | {one.accuracy.mean():.4f} | {beside} | {one.log_loss.mean():.4f} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables; 20 draws take about twenty minutes."""
    parser = argparse.ArgumentParser(prog="make bench-thinned", description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    asked, folder = parser.parse_args(), data_dir()
    if folder is None:
        parser.error("The public data sets are not there; set DATA_DIR to their folder.")
    warnings.simplefilter("ignore")
    for name, per_item, found in measured(folder, asked.draws):
        print(f"\n{name}, {per_item} judgments an item, {asked.draws} draws\n\n{table(found)}", flush=True)


if __name__ == "__main__":
    main()
