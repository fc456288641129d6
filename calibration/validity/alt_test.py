"""The alternative annotator test: whether a judge may stand in for a person of this group."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.stats

from calibration.validity.results import LEVEL, Estimate, undefined

PASS, FAIL, INCONCLUSIVE, NOT_CHECKED = "PASS", "FAIL", "INCONCLUSIVE", "NOT_CHECKED"
FEWEST_ITEMS, FEWEST_PEOPLE = 30, 3
RATE = 0.05
EPSILONS = {"experts": 0.2, "skilled": 0.15, "crowd": 0.1}


@dataclass(frozen=True, slots=True, kw_only=True)
class AltTest:
    """Result of the test.

    Attributes
    ----------
    state
        PASS when the judge wins against half of the people or more; FAIL when it does not and could have;
        NOT_CHECKED with too few people who judged enough items that others judged too.
    winning_rate, advantage
        Share of people against whom the judge is shown to be no worse than epsilon, with Wilson's interval; mean
        probability that the judge agrees with the others at least as well as the person left out, with its interval
        over people.
    won, people
        Counts behind the winning rate.
    epsilon
        What a person costs more than a judge, in probability.
    p_values
        One for each person, in the order of their ids.
    """

    state: str
    winning_rate: Estimate
    advantage: Estimate
    won: int
    people: int
    epsilon: float
    p_values: dict[str, float]


def alt_test(
    frame: pd.DataFrame, judge: str, *, epsilon: float = EPSILONS["crowd"], fewest_items: int = FEWEST_ITEMS
) -> AltTest:
    """Leave out each person in turn and ask who agrees better with the rest, the judge or the person.

    For person j and each item that j, the judge and at least one other person judged: S_f is the share of the other
    people who agree with the judge, S_h of those who agree with j; W_f = [S_f >= S_h], W_h = [S_h >= S_f]. A one-sided
    t-test of mean(W_h - W_f) < epsilon for each person with `fewest_items` items, Benjamini-Yekutieli at 0.05 over
    people. Winning rate: share rejected. The judge passes at 0.5. A tie is an ordinary label.

    Parameters
    ----------
    frame
        One row a judgment: item, annotator, annotator_kind ("human" or other), outcome.
    judge
        The annotator id of the judge.
    epsilon
        0.2 for experts, 0.15 for a skilled crowd, 0.1 for a cheap one: a rule of thumb.
    fewest_items
        Items a person needs to count.

    Returns
    -------
    AltTest
        NOT_CHECKED below three such people.

    References
    ----------
    Calderon, Reichart, Dror (2025), arXiv:2501.10970; Benjamini, Yekutieli (2001), doi:10.1214/aos/1013699998.
    """
    differences, advantages = _against_each(frame, judge, fewest_items)
    people = sorted(differences)
    p_values = {person: _p_value(differences[person], epsilon) for person in people}
    won = int(_rejected(np.array([p_values[person] for person in people])).sum())
    if len(people) < FEWEST_PEOPLE:
        reason = f"fewer than {FEWEST_PEOPLE} people judged {fewest_items} items with others and the judge"
        nothing = undefined("winning rate", reason, n=len(people))
        return AltTest(
            state=NOT_CHECKED, winning_rate=nothing, advantage=nothing, won=won, people=len(people), epsilon=epsilon,
            p_values=p_values,
        )  # fmt: skip
    rate = _winning_rate(won, len(people))
    return AltTest(
        state=PASS if won >= len(people) / 2 else FAIL,
        winning_rate=rate,
        advantage=_advantage(np.array([advantages[person] for person in people])),
        won=won,
        people=len(people),
        epsilon=epsilon,
        p_values=p_values,
    )


def _against_each(
    frame: pd.DataFrame, judge: str, fewest_items: int
) -> tuple[dict[str, npt.NDArray[np.float64]], dict[str, float]]:
    judged = dict(zip(*(frame.loc[frame["annotator"] == judge, name] for name in ("item", "outcome")), strict=True))
    people = frame[(frame["annotator_kind"] == "human") & frame["item"].isin(judged.keys())]
    rows: dict[str, list[tuple[float, float]]] = {}
    for item, part in people.groupby("item", sort=True):
        if len(part) >= 2:
            for person, scores in _scores(part, judged[item]):
                rows.setdefault(person, []).append(scores)
    wins = {person: np.array(found) for person, found in rows.items() if len(found) >= fewest_items}
    better = {person: np.array(found[:, 0] >= found[:, 1], float) for person, found in wins.items()}
    worse = {person: np.array(found[:, 1] >= found[:, 0], float) for person, found in wins.items()}
    return {p: worse[p] - better[p] for p in wins}, {p: float(better[p].mean()) for p in wins}


def _scores(part: pd.DataFrame, verdict: str) -> list[tuple[str, tuple[float, float]]]:
    """Return for each person how well the judge, and how well the person, agrees with the others on one item."""
    people, outcomes = part["annotator"].tolist(), part["outcome"].tolist()
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome] = counts.get(outcome, 0) + 1
    others = len(outcomes) - 1
    return [
        (person, ((counts.get(verdict, 0) - (own == verdict)) / others, (counts[own] - 1) / others))
        for person, own in zip(people, outcomes, strict=True)
    ]


def _p_value(differences: npt.NDArray[np.float64], epsilon: float) -> float:
    if np.ptp(differences) == 0:
        return 0.0 if differences[0] < epsilon else 1.0
    return float(scipy.stats.ttest_1samp(differences, epsilon, alternative="less").pvalue)


def _rejected(p_values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Step up after Benjamini and Yekutieli."""
    m = len(p_values)
    if m == 0:
        return np.zeros(0, bool)
    order = np.argsort(p_values, kind="stable")
    lines = RATE * np.arange(1, m + 1) / (m * np.sum(1 / np.arange(1, m + 1)))
    below = np.flatnonzero(p_values[order] <= lines)
    rejected = np.zeros(m, bool)
    if below.size:
        rejected[order[: below[-1] + 1]] = True
    return rejected


def _winning_rate(won: int, people: int) -> Estimate:
    z = scipy.stats.norm.ppf((1 + LEVEL) / 2)
    share, scale = won / people, 1 + z**2 / people
    middle = (share + z**2 / (2 * people)) / scale
    reach = z * np.sqrt(share * (1 - share) / people + z**2 / (4 * people**2)) / scale
    low, high = float(max(middle - reach, 0.0)), float(min(middle + reach, 1.0))
    recipe = "Wilson over people"
    return Estimate(name="winning rate", value=share, ci_low=low, ci_high=high, ci_level=LEVEL, n=people, recipe=recipe)


def _advantage(shares: npt.NDArray[np.float64]) -> Estimate:
    n, value = len(shares), float(shares.mean())
    reach = float(scipy.stats.t.ppf((1 + LEVEL) / 2, n - 1) * shares.std(ddof=1) / np.sqrt(n))
    low, high = max(0.0, value - reach), min(1.0, value + reach)
    return Estimate(
        name="advantage", value=value, ci_low=low, ci_high=high, ci_level=LEVEL, n=n, recipe="t over people"
    )
