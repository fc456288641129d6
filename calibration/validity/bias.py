"""What a judge prefers besides quality: the formulas of the bias battery, each with an interval over pairs."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from calibration.agreement import wilson
from calibration.validity import logit
from calibration.validity.results import LEVEL, Estimate, undefined

DRAWS = 1000
FEWEST_PAIRS = 10
# Lengths that differ by less count as equal.
EQUAL_CHARS = 30

type Frame = pd.DataFrame
type Statistic = Callable[[Frame], float]


def over_pairs(name: str, frame: Frame, statistic: Statistic, *, recipe: str, seed: int = 0) -> Estimate:
    """Estimate a statistic with a percentile interval over resampled pairs.

    Parameters
    ----------
    name, recipe
        What is estimated and how.
    frame
        One row a verdict, with its `item`; items are resampled whole.
    statistic
        From a frame to a number; nan where it is undefined.
    seed
        Of the resampling. A share of 0 or 1 gets Wilson's interval over items.

    Returns
    -------
    Estimate
        n counts items; undefined below ten of them or where the statistic is.
    """
    items = frame["item"].unique()
    if len(items) < FEWEST_PAIRS:
        return undefined(name, f"from {FEWEST_PAIRS} pairs on", n=len(items))
    value = statistic(frame)
    if not np.isfinite(value):
        return undefined(name, "no verdict of the kind it needs", n=len(items))
    draws = _resampled(frame, statistic, seed)
    kept = draws[np.isfinite(draws)]
    if len(kept) < DRAWS / 2:
        return undefined(name, "undefined in most resamples", n=len(items))
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    if value in (0.0, 1.0) and low == high:
        # A share that no resample can move away from the edge is not known exactly for that.
        low, high = (float(end) for end in wilson.interval(value * len(items), len(items), LEVEL))
        recipe += "; at the edge Wilson's interval"
    return Estimate(
        name=name, value=float(value), ci_low=float(min(low, value)), ci_high=float(max(high, value)),
        ci_level=LEVEL, n=len(items), recipe=recipe,
    )  # fmt: skip


def _resampled(frame: Frame, statistic: Statistic, seed: int) -> npt.NDArray[np.float64]:
    rng, rows = np.random.default_rng(seed), list(frame.groupby("item", sort=True).indices.values())
    draws = np.empty(DRAWS)
    for number in range(DRAWS):
        chosen = rng.integers(0, len(rows), len(rows))
        draws[number] = statistic(frame.iloc[np.concatenate([rows[place] for place in chosen])])
    return draws


def shown(frame: Frame) -> Frame:
    """Add which verdicts went to the first response shown (1), the second (-1) or neither (0)."""
    sign = frame["outcome"].map({"a": 1, "b": -1}).fillna(0).to_numpy()
    turned = np.where(frame["shown_order"] == "ba", -sign, sign)
    return frame.assign(canonical=sign, first=turned)


def first_slot_rate(frame: Frame) -> float:
    """Return the share of decided verdicts that went to the first response shown."""
    sided = shown(frame)["first"]
    decided = (sided != 0).sum()
    return float((sided == 1).sum() / decided) if decided else np.nan


def both_orders(frame: Frame) -> Frame:
    """Return one row per item with its verdict in either order; items that lack one are left out."""
    table = shown(frame).drop_duplicates(["item", "shown_order"])
    wide = table.pivot(index="item", columns="shown_order", values=["canonical", "first"]).dropna()
    if ("canonical", "ab") not in wide or ("canonical", "ba") not in wide:
        return pd.DataFrame(columns=["item", "ab", "ba"])
    sides = {order: wide["canonical", order].to_numpy(float) for order in ("ab", "ba")}
    return pd.DataFrame({"item": wide.index.to_numpy()} | sides)


def position_consistency(pairs: Frame) -> float:
    """Return the share of pairs whose verdict is the same in both orders."""
    return float((pairs["ab"] == pairs["ba"]).mean()) if len(pairs) else np.nan


def position_preference(pairs: Frame) -> float:
    """Return (always second - always first)/N: which slot wins when the order decides."""
    if not len(pairs):
        return np.nan
    always_first = ((pairs["ab"] == 1) & (pairs["ba"] == -1)).mean()
    always_second = ((pairs["ab"] == -1) & (pairs["ba"] == 1)).mean()
    return float(always_second - always_first)


def tie_rate(frame: Frame) -> float:
    """Return the share of ties, both bad among them."""
    return float(frame["outcome"].isin(["tie", "both_bad"]).mean())


def prefers_longer(frame: Frame) -> float:
    """Return the share of decided verdicts for the longer response, where lengths differ by more than 30 characters."""
    sign = shown(frame)["canonical"].to_numpy()
    longer = np.sign((frame["length_a"] - frame["length_b"]).to_numpy())
    counted = (sign != 0) & ((frame["length_a"] - frame["length_b"]).abs().to_numpy() > EQUAL_CHARS)
    return float((sign == longer)[counted].mean()) if counted.any() else np.nan


def slopes(frame: Frame, *, quality: pd.Series | None = None, family: str = "", name: str = "") -> list[Estimate]:
    """Fit what moves the choice of the first response, all at once.

    logit P(first wins | decided) = b0 + b_length x + b_self z + offset: b0 is the first-slot effect, x the log ratio
    of lengths (first over second), z is 1 where the first response alone is of the judge's own family and -1 where
    the second alone is. With `quality` (the difference of known qualities, a over b, by item) its slope is fitted
    too, else the systems' strengths are, with a weak normal prior (sd 3) that keeps them finite.

    Parameters
    ----------
    frame
        One row a verdict: item, outcome, shown_order, length_a, length_b, system_a, system_b, family_a, family_b.
    quality
        Known difference of quality by item.
    family
        The judge's own; empty leaves self-preference out.
    name
        Put before the names of the estimates.

    Returns
    -------
    list of Estimate
        First-slot effect, length, self-preference and quality on the logit scale; n counts decided verdicts, and the
        standard errors treat the items as clusters.
    """
    table = shown(frame)
    table = table[table["first"] != 0]
    order = np.where(table["shown_order"] == "ba", -1.0, 1.0)
    columns: dict[str, npt.NDArray[np.float64]] = {"first-slot effect": np.ones(len(table))}
    ratio = np.log((table["length_a"].to_numpy(float) + 1) / (table["length_b"].to_numpy(float) + 1))
    if np.isfinite(ratio).all() and ratio.any():
        columns["length slope"] = order * ratio
    own = (table["family_a"] == family).to_numpy(float) - (table["family_b"] == family).to_numpy(float)
    if family and own.any():
        columns["self-preference"] = order * own
    wanted = [*columns, *(["quality slope"] if quality is not None else [])]
    columns |= _strengths(table, order, quality)
    names = [f"{name} {one}".strip() for one in wanted]
    return logit.fit(
        np.column_stack(list(columns.values())), (table["first"] == 1).to_numpy(float), table["item"].to_numpy(),
        names, n_free=len(wanted),
    )  # fmt: skip


def _strengths(table: Frame, order: npt.NDArray[np.float64], quality: pd.Series | None) -> dict[str, npt.NDArray]:
    if quality is not None:
        return {"quality": order * table["item"].map(quality).to_numpy(float)}
    systems = sorted({*table["system_a"], *table["system_b"]})
    return {
        f"system {system}": order * ((table["system_a"] == system).to_numpy(float) - (table["system_b"] == system))
        for system in systems
    }


def robustness(frame: Frame) -> float:
    """Return the share of verdicts that the transform left as they were; columns `outcome` and `unchanged`."""
    return float((frame["outcome"] == frame["unchanged"]).mean()) if len(frame) else np.nan


def directed_shift(frame: Frame) -> float:
    """Return how much more often the changed response wins than it did unchanged; column `side` names it."""
    if not len(frame):
        return np.nan
    return float((frame["outcome"] == frame["side"]).mean() - (frame["unchanged"] == frame["side"]).mean())


def cyclic_triads(frame: Frame) -> float:
    """Return the share of cycles among triads of systems that one prompt's majority verdicts decide completely."""
    cycles = triads = 0
    sign = shown(frame).groupby(["prompt", "system_a", "system_b"])["canonical"].sum()
    for _, part in sign.groupby(level="prompt"):
        beats = {(a, b): np.sign(value) for (_, a, b), value in part.items() if value != 0}
        beats |= {(b, a): -value for (a, b), value in beats.items()}
        names = sorted({name for pair in beats for name in pair})
        for i, one in enumerate(names):
            for j in range(i + 1, len(names)):
                for third in names[j + 1 :]:
                    edges = [beats.get(edge) for edge in ((one, names[j]), (names[j], third), (third, one))]
                    if None not in edges:
                        triads += 1
                        cycles += abs(sum(e for e in edges if e is not None)) == 3
    return cycles / triads if triads else np.nan
