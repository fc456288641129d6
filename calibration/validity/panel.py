"""Several judges together: how much they really add to each other, and what hangs on one of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats

from calibration.validity.results import LEVEL, Estimate, undefined

FEWEST_ITEMS = 10
SCORE = {"a": 1.0, "b": 0.0, "tie": 0.5, "both_bad": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What the panel says of one system without one judge."""

    judge: str
    system: str
    share: Estimate
    shift: float
    rank: int
    rank_with_all: int


def scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row per item and judge with the mean score of response a over orders and samples."""
    known = frame[frame["outcome"].isin(SCORE)]
    scored = known.assign(score=known["outcome"].map(SCORE).astype(float))
    keys = ["item", "annotator", "system_a", "system_b"]
    return scored.groupby(keys, sort=True, as_index=False)["score"].mean()


def correlation(frame: pd.DataFrame) -> Estimate:
    """Estimate the mean correlation of the judges' scores over items, after what the systems explain.

    Residual: a judge's score minus the mean score of its pair of systems. Mean of the pairwise correlations of
    judges that share ten items or more, interval by Fisher's z with the least number of common items.
    """
    table = scores(frame)
    residual = table["score"] - table.groupby(["system_a", "system_b", "annotator"])["score"].transform("mean")
    wide = table.assign(residual=residual).pivot(index="item", columns="annotator", values="residual")
    found, least = [], np.inf
    for i, one in enumerate(wide.columns):
        for other in wide.columns[i + 1 :]:
            both = wide[[one, other]].dropna()
            if len(both) >= FEWEST_ITEMS and both.std().min() > 0:
                found.append(float(both[one].corr(both[other])))
                least = min(least, len(both))
    if not found:
        return undefined("residual correlation", "no two judges share ten items with varying scores")
    value = float(np.mean(found))
    reach = scipy.stats.norm.ppf((1 + LEVEL) / 2) / np.sqrt(max(least - 3, 1))
    middle = np.arctanh(np.clip(value, -0.999, 0.999))
    return Estimate(
        name="residual correlation", value=value, ci_low=float(np.tanh(middle - reach)),
        ci_high=float(np.tanh(middle + reach)), ci_level=LEVEL, n=int(least), recipe="mean over pairs of judges",
    )  # fmt: skip


def effective_judges(judges: int, rho: float) -> float:
    """Return J/(1 + (J - 1) rho): as how many independent judges so many correlated ones count."""
    return judges / (1 + (judges - 1) * max(rho, 0.0))


def win_share(frame: pd.DataFrame, system: str) -> Estimate:
    """Estimate the mean score of a system over the items it is in, judges averaged within an item.

    The interval takes items as clusters, so that judges that err together on an item count once there.
    """
    table = scores(frame)
    own = table[(table["system_a"] == system) | (table["system_b"] == system)]
    share = np.where(own["system_a"] == system, own["score"], 1 - own["score"])
    items = pd.Series(share).groupby(own["item"].to_numpy()).mean().to_numpy()
    name = f"win share of {system}"
    if len(items) < FEWEST_ITEMS:
        return undefined(name, f"from {FEWEST_ITEMS} items on", n=len(items))
    reach = scipy.stats.t.ppf((1 + LEVEL) / 2, len(items) - 1) * items.std(ddof=1) / np.sqrt(len(items))
    value = float(items.mean())
    low, high = float(max(0.0, value - reach)), float(min(1.0, value + reach))
    return Estimate(
        name=name, value=value, ci_low=low, ci_high=high, ci_level=LEVEL, n=len(items), recipe="t over items"
    )


def leave_one_out(frame: pd.DataFrame) -> list[LeftOut]:
    """Say for each judge and system what the panel would say without that judge."""
    systems = sorted({*frame["system_a"], *frame["system_b"]})
    everybody = {system: win_share(frame, system) for system in systems}
    ranks = _ranks(everybody)
    rows = []
    for judge in sorted(frame["annotator"].unique()):
        rest = frame[frame["annotator"] != judge]
        without = {system: win_share(rest, system) for system in systems}
        places = _ranks(without)
        rows += [
            LeftOut(
                judge=judge, system=system, share=without[system], rank=places[system], rank_with_all=ranks[system],
                shift=(without[system].value or 0) - (everybody[system].value or 0),
            )
            for system in systems
            if without[system].value is not None and everybody[system].value is not None
        ]  # fmt: skip
    return rows


def _ranks(shares: dict[str, Estimate]) -> dict[str, int]:
    known = sorted(shares, key=lambda system: (-(shares[system].value or 0), system))
    return {system: place for place, system in enumerate(known, start=1)}
