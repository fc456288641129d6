"""The agreement table of the MT-Bench paper, recomputed from a release."""

from pathlib import Path

import pandas as pd

from calibration.agreement.mt_bench import mt_bench_table
from deploy.demo import steps
from deploy.demo.client import ApiError

# Zheng et al. 2023 (arXiv:2306.05685), Table 5, as exact counts of agreeing pairs.
PUBLISHED = {
    ("1", "human-judge", "counted"): (886, 1343),
    ("1", "human-judge", "dropped"): (727, 859),
    ("1", "human", "counted"): (454, 721),
    ("1", "human", "dropped"): (388, 479),
    ("2", "human-judge", "counted"): (871, 1325),
    ("2", "human-judge", "dropped"): (731, 864),
    ("2", "human", "counted"): (471, 707),
    ("2", "human", "dropped"): (388, 474),
}


def print_table(root: Path) -> None:
    """Print all eight cells; raise when one differs from the published count."""
    judgments = pd.read_json(root / "judgments.jsonl", lines=True, dtype=False)
    annotators = pd.read_json(root / "annotators.jsonl", lines=True, dtype=False)
    frame = judgments.merge(annotators[["annotator_id", "annotator_group"]], on="annotator_id")
    frame[["question", "turn"]] = frame["prompt_id"].str.split(":", expand=True)
    frame = frame.rename(columns={"task_id": "item", "annotator_id": "annotator"})
    cells = {(cell.turn, cell.who, cell.ties): (cell.agree, cell.total) for cell in mt_bench_table(frame)}
    steps.say("agreement on MT-Bench, from the released files:")
    for (turn, who, ties), published in PUBLISHED.items():
        agree, total = cells[turn, who, ties]
        mark = "as published" if (agree, total) == published else f"published {published[0]}/{published[1]}"
        steps.say(f"turn {turn}, {who:11} ties {ties}: {agree}/{total} = {agree / total:.4f}, {mark}")
    if cells != PUBLISHED:
        raise ApiError("The agreement table differs from the published one.")
