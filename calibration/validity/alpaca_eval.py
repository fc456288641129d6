"""AlpacaEval's own figures: the columns of its evaluators' table, its length-controlled rate, its leaderboards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.optimize
import scipy.special

from annotation.judges import sentinels
from calibration.validity import bias
from calibration.validity.results import Estimate

# Responses that say the same whatever was asked: known to be worth nothing, so each is a sentinel of its table.
CONSTANT = ("nullmodel", "null model", "null_model", "constant")
CONFIDENCE = 1e-6


class NotALeaderboard(ValueError):
    """The table lacks a column that a leaderboard has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One system of a leaderboard: raw and length-controlled rate in percent with their errors."""

    system: str
    win_rate: float
    standard_error: float
    length_controlled: float | None
    length_controlled_error: float | None
    n: int
    average_length: float | None
    is_sentinel: bool
    is_breach: bool


def leaderboard(table: Iterable[Mapping[str, str]]) -> list[Standing]:
    """Read the rows of a leaderboard file, and judge its judge by the constant systems among them.

    A constant system must lose nearly always. Where the lower end of its rate lies above what is tolerated of a
    worthless response, the judge behind the table fails its sentinel.

    Raises
    ------
    NotALeaderboard
        If win_rate or n_total is missing or no number.
    """
    return [_standing(row) for row in table]


def _standing(row: Mapping[str, str]) -> Standing:
    name = row.get("") or row.get("name") or row.get("model") or "?"
    try:
        rate, n = float(row["win_rate"]), int(float(row["n_total"]))
        error = float(row.get("standard_error") or "nan")
        controlled, its_error = (_number(row.get(key)) for key in ("length_controlled_winrate", "lc_standard_error"))
        length = _number(row.get("avg_length"))
    except (KeyError, ValueError, TypeError) as problem:
        raise NotALeaderboard("A leaderboard has the columns win_rate and n_total, with a number in each.") from problem
    is_sentinel = any(word in name.lower() for word in CONSTANT)
    wins = sentinels.judged_null(sentinels.rate_of("constant response wins", n * rate / 100, n))
    return Standing(
        system=name, win_rate=rate, standard_error=error, length_controlled=controlled,
        length_controlled_error=its_error, n=n, average_length=length, is_sentinel=is_sentinel,
        is_breach=is_sentinel and wins.is_breach,
    )  # fmt: skip


def _number(text: str | None) -> float | None:
    return float(text) if text not in (None, "") else None


def evaluator(frame: pd.DataFrame, judge: str) -> dict[str, Estimate]:
    """Return the columns of AlpacaEval's evaluators' table for one judge, each with an interval over items.

    Human agreement: mean over people of [judge = person], averaged within items. P(longer): decided verdicts for the
    longer response. P(first): decided verdicts for the first shown. Bias: 1 - agreement of the judge's majority with
    the people's majority on an item; variance: 1 - agreement of the judge's verdict with its own majority there.

    Parameters
    ----------
    frame
        Long frame of verdicts, several of the judge on an item where variance is wanted.
    judge
        Annotator id.
    """
    own = frame[frame["annotator"] == judge]
    people = frame[(frame["annotator_kind"] == "human") & frame["item"].isin(set(own["item"]))]
    pairs = own[["item", "outcome"]].merge(people[["item", "outcome"]], on="item", suffixes=("", "_human"))
    agreed = pairs.assign(same=pairs["outcome"] == pairs["outcome_human"])
    majority = pd.DataFrame({"judge": _majority(own), "people": _majority(people)}).dropna().reset_index(names="item")
    spread = own.assign(same=own["outcome"] == own["item"].map(_majority(own)))
    repeated = spread[spread.groupby("item")["same"].transform("size") > 1]
    known = own[own["shown_order"].isin(["ab", "ba"])]
    return {
        "agreement": bias.over_pairs("human agreement", agreed, _mean_within_items, recipe="mean over items"),
        "bias": bias.over_pairs("bias", majority, _unlike, recipe="majorities that differ"),
        "variance": bias.over_pairs("variance", repeated, _unsteady, recipe="verdicts unlike the judge's majority"),
        "longer": bias.over_pairs("P(longer)", own, bias.prefers_longer, recipe="decided, lengths apart"),
        "first": bias.over_pairs("P(first)", known, bias.first_slot_rate, recipe="decided verdicts"),
    }


def _majority(frame: pd.DataFrame) -> pd.Series:
    """Return each item's most frequent outcome; of equally frequent ones the first by name."""
    return frame.groupby("item")["outcome"].agg(lambda found: found.value_counts().sort_index().idxmax())


def _mean_within_items(frame: pd.DataFrame) -> float:
    return float(frame["same"].mean())


def _unlike(frame: pd.DataFrame) -> float:
    return float((frame["judge"] != frame["people"]).mean())


def _unsteady(frame: pd.DataFrame) -> float:
    return float((~frame["same"].astype(bool)).mean()) if len(frame) else np.nan


def length_controlled_rate(
    preference: npt.ArrayLike,
    length_difference: npt.ArrayLike,
    difficulty: npt.ArrayLike | None = None,
    *,
    penalty: float = CONFIDENCE,
) -> float:
    """Return the rate at which a system would win if its responses were as long as the baseline's.

    Logistic: logit P(win) = theta + phi tanh(d / sd(d)) + psi g, fitted to the soft preferences by cross-entropy;
    the rate is the mean over instructions of P with d = 0. That is the definition of AlpacaEval 2; its psi comes from
    a fit over all systems, so `difficulty` has to be given where it is known and is left out otherwise.

    Parameters
    ----------
    preference
        For each instruction the preference for the system, 0 to 1.
    length_difference
        Length of the system's response less the baseline's.
    difficulty
        Of each instruction, from a joint fit.
    penalty
        Weight of a ridge that keeps a separable fit finite.

    References
    ----------
    Dubois, Galambosi, Liang, Hashimoto (2024), arXiv:2404.04475.
    """
    wins, gap = np.asarray(preference, float), np.asarray(length_difference, float)
    scale = gap.std()
    columns = [np.ones_like(gap), np.tanh(gap / scale) if scale > 0 else np.zeros_like(gap)]
    if difficulty is not None:
        columns.append(np.asarray(difficulty, float))
    design = np.column_stack(columns)

    def loss(beta: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        eta = design @ beta
        value = float(np.mean(np.logaddexp(0, eta) - wins * eta) + penalty * beta @ beta)
        return value, design.T @ (scipy.special.expit(eta) - wins) / len(wins) + 2 * penalty * beta

    beta = scipy.optimize.minimize(loss, np.zeros(design.shape[1]), jac=True, method="BFGS").x
    even = design.copy()
    even[:, 1] = 0.0
    return float(scipy.special.expit(even @ beta).mean())


def constant_systems(texts: Mapping[str, Iterable[str]], *, fewest: int = 10) -> list[str]:
    """Return the systems that say one and the same thing to every prompt: null models under any name."""
    found = {system: list(said) for system, said in texts.items()}
    return sorted(system for system, said in found.items() if len(said) >= fewest and len(set(said)) == 1)
