"""Read the public comparisons with the project's own readers, as the long frame that an import would give."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from annotation.readers import FORMATS, ErrorLog
from annotation.readers.rows import AnnotatorRow, JudgmentRow, ResponseRow, SystemRow

ROOT = Path(__file__).resolve().parents[2]
COMPARISONS = {"LLMFAO": "llmfao", "MT-Bench": "mt_bench"}
FOLDS, SEED = 5, 20260101


def data_dir() -> Path | None:
    """Give the folder of public data sets, or None where it is absent."""
    path = Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data")
    return path if path.is_dir() else None


def comparisons(folder: Path, format_: str) -> pd.DataFrame:
    """Read one set; of a repeated judgment the last counts, as in an import."""
    errors = ErrorLog()
    rows = list(FORMATS[format_](folder / format_, errors))
    if errors.total:
        raise ValueError(f"{folder / format_}: {errors.total} rows were refused; the benchmark needs the whole set.")
    people = {row.annotator_id: row for row in rows if isinstance(row, AnnotatorRow)}
    family = {row.system_id: row.family for row in rows if isinstance(row, SystemRow)}
    length = {(row.prompt_id, row.system_id): row.text for row in rows if isinstance(row, ResponseRow)}
    frame = pd.DataFrame([_judgment(row, people, family, length) for row in rows if isinstance(row, JudgmentRow)])
    return frame.drop_duplicates(["item", "annotator", "round"], keep="last", ignore_index=True)


def _judgment(
    row: JudgmentRow,
    people: dict[str, AnnotatorRow],
    family: dict[str, str | None],
    text: dict[tuple[str, str], str | None],
) -> dict[str, object]:
    who, texts = people[row.annotator_id], [text[row.prompt_id, name] for name in (row.system_a, row.system_b)]
    return {
        "item": f"{row.prompt_id}|{row.system_a}|{row.system_b}",
        "annotator": row.annotator_id,
        "annotator_kind": who.kind,
        "annotator_family": who.family,
        "annotator_group": who.group,
        "system_a": row.system_a,
        "system_b": row.system_b,
        "system_family_a": family[row.system_a],
        "system_family_b": family[row.system_b],
        "outcome": row.outcome,
        "shown_order": row.shown_order,
        "length_a": np.nan if texts[0] is None else float(len(texts[0])),
        "length_b": np.nan if texts[1] is None else float(len(texts[1])),
        "round": row.round,
    }


def fold_of(n_rows: int) -> np.ndarray:
    """Give the fold of every row: a random permutation dealt out evenly, the same for every method."""
    order = np.random.default_rng(SEED).permutation(n_rows)
    return np.argsort(order) % FOLDS
