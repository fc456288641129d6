"""Read the public data sets as frames of labels, and score class probabilities against gold."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml


def bluebirds(data_dir: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give judgments and gold: 39 annotators, 108 items, two labels."""
    given = yaml.safe_load((data_dir / "bluebirds" / "labels.yaml").read_text())
    gold = yaml.safe_load((data_dir / "bluebirds" / "gt.yaml").read_text())
    rows = [(str(item), str(who), str(label)) for who, labels in given.items() for item, label in labels.items()]
    known = [(str(item), str(label)) for item, label in gold.items()]
    return pd.DataFrame(rows, columns=["item", "annotator", "label"]), pd.DataFrame(known, columns=["item", "label"])


def weather(data_dir: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give judgments and gold of CF_amt: 110 annotators (numbered), 300 items, five labels."""
    names = ["annotator", "item", "label", "gold", "seconds"]
    rows = pd.read_csv(data_dir / "cf_amt" / "CF_amt.csv", header=None, names=names, dtype=str)
    rows["annotator"] = pd.factorize(rows["annotator"])[0].astype(str)
    known = rows[["item", "gold"]].drop_duplicates("item").rename(columns={"gold": "label"})
    return rows[["item", "annotator", "label"]], known.reset_index(drop=True)


def anaesthetists(data_dir: Path) -> pd.DataFrame:
    """Give all 315 ratings; the readings of rater 1 are rows of one annotator."""
    rows = pd.read_csv(data_dir / "anesthesia.csv", dtype=str)
    return rows.rename(columns={"rater": "annotator", "rating": "label"})


def caries(data_dir: Path) -> pd.DataFrame:
    """Give five dentists' labels of 3,859 teeth from the counted patterns."""
    patterns = pd.read_csv(data_dir / "caries.csv")
    teeth = patterns.loc[patterns.index.repeat(patterns["n"])].drop(columns="n").reset_index(drop=True)
    long = teeth.reset_index(names="item").melt("item", var_name="annotator", value_name="label")
    return long.astype(str)


def scores(items: pd.DataFrame, gold: pd.DataFrame) -> Mapping[str, float]:
    """Score a fit's items: expected number right with ties split, log loss, Brier score, 10-bin calibration error."""
    names = [name.removeprefix("p_") for name in items.columns if name.startswith("p_")]
    q = items[[f"p_{name}" for name in names]].to_numpy()
    truth = pd.Index(names).get_indexer(gold.set_index("item")["label"].reindex(items["item"]))
    own, top = q[np.arange(len(q)), truth], q.max(axis=1)
    near = q >= top[:, None] - 1e-12
    hit = near[np.arange(len(q)), truth] / near.sum(axis=1)
    bins = np.minimum((top * 10).astype(int), 9)
    size = np.bincount(bins, minlength=10)
    gap = np.abs(np.bincount(bins, hit, 10) - np.bincount(bins, top, 10))[size > 0]
    return {
        "right": float(hit.sum()),
        "log_loss": float(-np.log(np.maximum(own, 1e-6)).mean()),
        "brier": float(((q - np.eye(len(names))[truth]) ** 2).sum(axis=1).mean()),
        "ece": float(gap.sum() / len(q)),
    }
