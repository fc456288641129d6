"""Everything design-based that can be said of one judge from a campaign's judgments."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration.validity import bias, panel, ppi
from calibration.validity.alt_test import AltTest, alt_test
from calibration.validity.results import Estimate, undefined


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Biases of the judge, the same of people on the same tasks, what is beyond people, and the checks."""

    biases: list[Estimate]
    people: list[Estimate]
    excess: list[Estimate]
    gate: AltTest
    powered: list[ppi.Powered]


def examine(frame: pd.DataFrame, judge: str, *, family: str, epsilon: float) -> Examination:
    """Examine one judge.

    Parameters
    ----------
    frame
        The long frame of verdicts on one criterion, with family_a and family_b; all rounds, judges and people.
    judge
        The judge's annotator id.
    family
        The judge's own family, for self-preference.
    epsilon
        Of the alternative annotator test.
    """
    own = frame[frame["annotator"] == judge]
    people = frame[(frame["annotator_kind"] == "human") & frame["item"].isin(set(own["item"]))]
    first_round = frame[frame["round"] == 0] if "round" in frame else frame
    of_judge, of_people = _biases(own, family), _biases(people, family)
    return Examination(
        biases=of_judge,
        people=of_people,
        excess=[_difference(one, other) for one, other in zip(of_judge, of_people, strict=True)],
        gate=alt_test(first_round, judge, epsilon=epsilon),
        powered=win_shares(frame, judge),
    )


def _biases(frame: pd.DataFrame, family: str) -> list[Estimate]:
    known = frame[frame["shown_order"].isin(["ab", "ba"])]
    names = ["first-slot effect", "length slope", "self-preference"]
    fitted = {one.name: one for one in bias.slopes(known, family=family)} if len(known) else {}
    pairs = bias.both_orders(known)
    over = bias.over_pairs
    return [
        over("first-slot rate", known, bias.first_slot_rate, recipe="decided verdicts, pairs resampled"),
        over("position consistency", pairs, bias.position_consistency, recipe="pairs judged in both orders"),
        over("position preference", pairs, bias.position_preference, recipe="always second less always first"),
        *(fitted.get(name) or undefined(name, "nothing tells it apart here", n=len(known)) for name in names),
        over("tie rate", frame, bias.tie_rate, recipe="ties and both bad among verdicts"),
        over("prefers the longer", frame, bias.prefers_longer, recipe="lengths more than 30 characters apart"),
    ]


def _difference(one: Estimate, other: Estimate) -> Estimate:
    """Return the judge's less the people's; the two intervals come from different people, so variances add."""
    name = one.name
    values = (one.value, one.ci_low, one.ci_high, other.value, other.ci_low, other.ci_high)
    if any(value is None for value in values):
        return undefined(name, other.undefined_reason or one.undefined_reason, n=min(one.n, other.n))
    v1, low1, high1, v2, low2, high2 = (float(value) for value in values if value is not None)
    gap = v1 - v2
    low, high = np.hypot(v1 - low1, high2 - v2), np.hypot(high1 - v1, v2 - low2)
    return Estimate(
        name=name, value=gap, ci_low=float(gap - low), ci_high=float(gap + high), ci_level=one.ci_level,
        n=min(one.n, other.n), recipe="judge less people",
    )  # fmt: skip


def win_shares(frame: pd.DataFrame, judge: str) -> list[ppi.Powered]:
    """Estimate each system's win share among people with the judge's help, beside people alone."""
    people = _item_scores(frame[frame["annotator_kind"] == "human"])
    judged = _item_scores(frame[frame["annotator"] == judge])
    systems = sorted({*frame["system_a"], *frame["system_b"]})
    return [_powered(people, judged, system) for system in systems]


def _item_scores(frame: pd.DataFrame) -> pd.DataFrame:
    table = panel.scores(frame)
    return table.groupby(["item", "system_a", "system_b"], as_index=False)["score"].mean().set_index("item")


def _powered(people: pd.DataFrame, judged: pd.DataFrame, system: str) -> ppi.Powered:
    own = judged[(judged["system_a"] == system) | (judged["system_b"] == system)]
    share = own["score"].where(own["system_a"] == system, 1 - own["score"])
    labeled = own.index.intersection(people.index)
    human = people.loc[labeled, "score"].where(
        people.loc[labeled, "system_a"] == system, 1 - people.loc[labeled, "score"]
    )
    return ppi.mean(human, share.loc[labeled], share.drop(labeled), name=system)
