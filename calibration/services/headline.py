"""Say in one plain sentence what a run found."""

from annotation.models import System
from calibration.bayes.summaries import Summary

SURE = 0.95


def sentence(found: Summary, systems: dict[str, System], *, judgments: int, humans: int, judges: int) -> str:
    """Name the preferred system, how sure that is against the runner-up, and on whose judgments it rests."""
    of_whom = f"on {judgments:,} judgments of {_who(humans, judges)}"
    ranked = found.systems.sort_values(["component", "strength"], ascending=[True, False])
    if ranked["component"].nunique() > 1:
        parts = ranked["component"].nunique()
        return f"The systems fall into {parts} groups that were never compared with each other, {of_whom}."
    if len(ranked) < 2:
        return f"Only one system was judged, {of_whom}."
    first, second = ranked["system"].iloc[0], ranked["system"].iloc[1]
    pairs = found.win_probability.set_index(["system_1", "system_2"])
    row = pairs.loc[(first, second)]
    interval = f"{row['probability']:.2f} [{row['probability_low']:.2f}, {row['probability_high']:.2f}]"
    p_best = float(ranked["p_best"].iloc[0])
    name, runner_up = systems[first].name, systems[second].name
    if p_best >= SURE:
        return (
            f"{name} is preferred: it wins against {runner_up}, the next, with probability {interval}, "
            f"and is the best with posterior {p_best:.2f}, {of_whom}."
        )
    return (
        f"No clear winner yet: {name} leads {runner_up} with probability {interval}, "
        f"and is the best with posterior {p_best:.2f}, {of_whom}."
    )


def _who(humans: int, judges: int) -> str:
    people = f"{humans:,} {'evaluator' if humans == 1 else 'evaluators'}"
    models = f"{judges:,} {'judge' if judges == 1 else 'judges'}"
    if humans and judges:
        return f"{people} and {models}"
    return people if humans else models
