"""Simulate campaigns with a known truth: for tests, coverage and planning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import expit


@dataclass(frozen=True, slots=True)
class Person:
    """Describe one simulated annotator: slope, lean to the side shown first, half width of the tie zone, kind."""

    name: str
    discrimination: float = 1.0
    position_bias: float = 0.0
    tie_width: float = 0.4
    kind: str = "human"


@dataclass(frozen=True, slots=True)
class Simulated:
    """Hold a long frame and what it was drawn from; strengths sum to zero."""

    frame: pd.DataFrame
    strength: dict[str, float]
    people: tuple[Person, ...]


def panel(humans: int, judges: int, rng: np.random.Generator) -> tuple[Person, ...]:
    """Draw annotators from the priors of the comparison model: Student-t slopes, normal biases and log tie widths."""

    def draw(name: str, kind: str, mean: float, sd: float) -> Person:
        slope = mean + 0.35 * rng.standard_t(4)
        width = float(np.exp(rng.normal(-0.8, 0.4)))
        return Person(name, float(slope), float(rng.normal(0.1, sd)), width, kind)

    people = [draw(f"human-{k:03d}", "human", 1.0, 0.3) for k in range(humans)]
    return tuple(people + [draw(f"judge-{k}", "judge", 1.0, 0.5) for k in range(judges)])


def campaign(
    people: Sequence[Person],
    *,
    seed: int,
    systems: int = 5,
    prompts: int = 40,
    overlap: int = 3,
    item_sd: float = 0.5,
    strength_sd: float = 1.0,
) -> Simulated:
    """Draw a campaign in which every pair of systems meets on every prompt.

    Each item is judged by ``overlap`` people drawn at random and by every judge in both orders; sides are random.

    Parameters
    ----------
    people
        Who judges; humans are drawn for items, judges see them all.
    seed
        Fixes everything drawn here.

    Returns
    -------
    Simulated
        Frame with the columns of the long frame; ``strength`` is the truth, centered.
    """
    rng = np.random.default_rng(seed)
    names = [f"system-{k:02d}" for k in range(systems)]
    strength = rng.normal(0.0, strength_sd, systems)
    strength -= strength.mean()
    humans = [person for person in people if person.kind == "human"]
    judges = [person for person in people if person.kind != "human"]
    rows = []
    for prompt in range(prompts):
        for a, b in combinations(range(systems), 2):
            quality = strength[a] - strength[b] + item_sd * rng.standard_normal()
            key = {"item": f"{prompt:03d}-{a}-{b}", "system_a": names[a], "system_b": names[b]}
            asked = [humans[k] for k in rng.choice(len(humans), min(overlap, len(humans)), replace=False)]
            rows += [key | _answer(person, quality, int(rng.integers(2)), 0, rng) for person in asked]
            rows += [key | _answer(judge, quality, order, order, rng) for judge in judges for order in (0, 1)]
    return Simulated(pd.DataFrame(rows), dict(zip(names, strength.tolist(), strict=True)), tuple(people))


def _answer(person: Person, quality: float, order: int, round_: int, rng: np.random.Generator) -> dict[str, object]:
    eta = person.discrimination * quality + person.position_bias * (1 - 2 * order)
    p_a, p_b = expit(eta - person.tie_width), expit(-eta - person.tie_width)
    draw = rng.random()
    return {
        "annotator": person.name,
        "annotator_kind": person.kind,
        "outcome": "a" if draw < p_a else "b" if draw < p_a + p_b else "tie",
        "shown_order": "ba" if order else "ab",
        "round": round_,
    }
