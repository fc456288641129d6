"""Win rates as judging tools count them, to stand beside ours."""

import numpy as np
import pandas as pd

from calibration.validity import bias, panel
from calibration.validity.results import Estimate


def plain(frame: pd.DataFrame, system: str) -> Estimate:
    """Return MT-Bench's win rate: wins and half the ties over all verdicts on the system, every order a verdict."""
    return bias.over_pairs(
        f"win rate of {system}", _of(frame, system), lambda part: float(part["share"].mean()), recipe="wins + ties/2"
    )


def order_consistent(frame: pd.DataFrame, system: str) -> Estimate:
    """Return the same where a win counts only if both orders agree, and all else is a tie."""
    wide = bias.both_orders(frame[frame["shown_order"].isin(["ab", "ba"])]).set_index("item")
    same = np.where(wide["ab"] == wide["ba"], wide["ab"], 0.0)
    outcome = pd.Series(same, index=wide.index).map({1.0: "a", -1.0: "b", 0.0: "tie"})
    items = frame.drop_duplicates("item").set_index("item")[["system_a", "system_b"]]
    merged = items.join(outcome.rename("outcome"), how="inner").reset_index()
    return plain(merged, system)


def _of(frame: pd.DataFrame, system: str) -> pd.DataFrame:
    own = frame[(frame["system_a"] == system) | (frame["system_b"] == system)]
    score = own["outcome"].map(panel.SCORE)
    return own.assign(share=score.where(own["system_a"] == system, 1 - score)).dropna(subset=["share"])
