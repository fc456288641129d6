"""Simulate populations of annotators whose truth is known: habits, drift, families, spam, rigging, rings, tastes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import expit

from calibration.bayes.data import FloatArray

# how an annotator answers: honest by the model, or one of the ways that are none
BEHAVIORS = ("honest", "random", "first", "second", "always_tie", "inverted", "rigging", "ring")


@dataclass(frozen=True, slots=True)
class Member:
    """Describe one simulated annotator.

    ``taste`` is the index of the taste group. ``drift`` is added to the discrimination between the first and the last
    judgment, evenly. ``behavior``: honest; random (all outcomes alike); first, second, always_tie (fixed answers);
    inverted (the honest answer turned round); rigging (``favorite`` always wins, else honest); ring (all members of
    a ring give one answer per item, drawn once). Members of a ``family`` share an error on each item.
    """

    name: str
    discrimination: float = 1.0
    position_bias: float = 0.0
    tie_width: float = 0.4
    kind: str = "human"
    family: str = ""
    taste: int = 0
    drift: float = 0.0
    behavior: str = "honest"
    favorite: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Hold a long frame (with ``tags`` and ``submitted_at``) and everything it was drawn from.

    ``strength`` (tastes, systems) and ``quality`` (tastes, items) are the truth of each taste group; ``items`` has
    one row per item: item, system_a, system_b, tag, contested (tastes differ in sign and by more than 1).
    """

    frame: pd.DataFrame
    members: tuple[Member, ...]
    systems: tuple[str, ...]
    strength: FloatArray
    quality: FloatArray
    items: pd.DataFrame


def members(
    n: int,
    *,
    seed: int,
    tastes: Sequence[float] = (1.0,),
    behaviors: Mapping[str, float] | None = None,
    discrimination: tuple[float, float] = (1.0, 0.25),
    position_sd: float = 0.2,
) -> tuple[Member, ...]:
    """Draw people: shares of taste groups among the honest, shares of other behaviors among all.

    Parameters
    ----------
    n
        How many; the shares are met exactly, up to rounding.
    tastes
        Shares of the taste groups, summing to 1.
    behaviors
        Share of all people for each behavior that is not honest.
    discrimination
        Median and sd of the log of an honest person's discrimination.

    Raises
    ------
    ValueError
        When a behavior is unknown or shares exceed 1.
    """
    shares = dict(behaviors or {})
    if unknown := set(shares) - set(BEHAVIORS):
        raise ValueError(f"Unknown behaviors {sorted(unknown)}; use some of {', '.join(BEHAVIORS)}.")
    if sum(shares.values()) > 1 or abs(sum(tastes) - 1) > 1e-9:
        raise ValueError("Shares of behaviors may not exceed 1 together, shares of tastes sum to 1.")
    rng = np.random.default_rng(seed)
    kinds = [name for name, share in shares.items() for _ in range(round(share * n))]
    honest = n - len(kinds)
    taste = np.searchsorted(np.cumsum(tastes)[:-1], (np.arange(honest) + 0.5) / max(honest, 1))
    drawn = [_person(f"person-{k:04d}", discrimination, position_sd, rng) for k in range(n)]
    traits = [{"taste": int(t)} for t in taste] + [{"behavior": name} for name in kinds]
    return tuple(replace(drawn[k], **traits[at]) for k, at in enumerate(rng.permutation(n)))


def panel(humans: int, judges: int, *, seed: int) -> tuple[Member, ...]:
    """Draw people and judges as the comparison model has them: Student-t slopes, normal biases and log tie widths."""
    rng = np.random.default_rng(seed)

    def draw(name: str, kind: str, sd: float) -> Member:
        slope, width = 1.0 + 0.35 * rng.standard_t(4), np.exp(rng.normal(-0.8, 0.4))
        return Member(name, float(slope), float(rng.normal(0.1, sd)), float(width), kind)

    people = [draw(f"human-{k:03d}", "human", 0.3) for k in range(humans)]
    return tuple(people + [draw(f"judge-{k}", "judge", 0.5) for k in range(judges)])


def _person(name: str, discrimination: tuple[float, float], position_sd: float, rng: np.random.Generator) -> Member:
    slope = discrimination[0] * np.exp(discrimination[1] * rng.standard_normal())
    width = np.exp(rng.normal(-0.9, 0.3))
    return Member(name, float(slope), float(position_sd * rng.standard_normal()), float(width))


def campaign(
    people: Sequence[Member],
    *,
    seed: int,
    systems: int = 6,
    prompts: int = 40,
    overlap: int = 5,
    item_sd: float = 0.5,
    strength_sd: float = 1.0,
    taste_correlation: float = 1.0,
    contested_share: float = 0.0,
    family_sd: float = 0.0,
    tags: int = 5,
    both_orders: bool = False,
) -> Campaign:
    """Draw a campaign in which every pair of systems meets on every prompt.

    Parameters
    ----------
    people
        Who judges. Each item goes to ``overlap`` humans drawn at random and to every judge once; sides are random.
    both_orders
        Every judge sees each item twice, rounds 0 and 1: first with a, then with b shown first.
    taste_correlation
        Correlation of the strengths of each later taste group with the first group's; 1 means one taste.
    contested_share
        Share of prompts on which every later taste group sees the reverse of the first: a whole number of tags.
    family_sd
        Spread of the error that members of one family share on an item.

    Returns
    -------
    Campaign
        Judgments are in the order of their moments, a minute apart.

    Raises
    ------
    ValueError
        When a rigger's favorite is none of the systems.
    """
    rng = np.random.default_rng(seed)
    names = tuple(f"system-{k:02d}" for k in range(systems))
    if strangers := {m.favorite for m in people if m.behavior == "rigging"} - set(names):
        raise ValueError(f"Riggers favor {sorted(strangers)}; the systems are {', '.join(names)}.")
    n_tastes = 1 + max((member.taste for member in people), default=0)
    strength = _strengths(n_tastes, systems, strength_sd, taste_correlation, rng)
    pairs = np.array(list(combinations(range(systems), 2)))
    prompt = np.repeat(np.arange(prompts), len(pairs))
    a, b = np.tile(pairs, (prompts, 1)).T
    quality = strength[:, a] - strength[:, b] + item_sd * rng.standard_normal(prompt.size)
    tag = prompt % tags
    quality[1:] *= np.where(tag < round(contested_share * tags), -1.0, 1.0)
    item, who, round_ = _asked(people, prompt.size, overlap, both_orders, rng)
    shared = _family_errors(people, prompt.size, family_sd, rng)
    sign = _first_shown(people, who, round_ if both_orders else None, rng)
    outcome = _answers(people, quality, shared, (a, b), names, item, who, sign, rng)
    table = _items(prompt, a, b, names, tag, quality)
    frame = _frame(table, people, item, who, sign, outcome).assign(round=round_)
    return Campaign(frame, tuple(people), names, strength, quality, table)


def _strengths(n_tastes: int, systems: int, sd: float, correlation: float, rng: np.random.Generator) -> FloatArray:
    own = rng.standard_normal((n_tastes, systems))
    strength = sd * np.vstack([own[:1], correlation * own[:1] + np.sqrt(1 - correlation**2) * own[1:]])
    return np.asarray(strength - strength.mean(axis=1, keepdims=True))


def _asked(
    people: Sequence[Member], n_items: int, overlap: int, both_orders: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give item, annotator and round of every judgment, in the order in which they come in."""
    humans = np.array([k for k, member in enumerate(people) if member.kind == "human"], dtype=int)
    judges = np.array([k for k, member in enumerate(people) if member.kind != "human"], dtype=int)
    n_asked = min(overlap, humans.size)
    drawn = rng.random((n_items, humans.size)).argsort(axis=1)[:, :n_asked]
    rounds = 2 if both_orders else 1
    who = np.concatenate([humans[drawn], np.tile(judges, (n_items, rounds))], axis=1)
    round_ = np.concatenate([np.zeros(n_asked, dtype=int), np.repeat(np.arange(rounds), judges.size)])
    order = rng.permutation(who.size)
    return np.repeat(np.arange(n_items), who.shape[1])[order], who.ravel()[order], np.tile(round_, n_items)[order]


def _first_shown(
    people: Sequence[Member], who: np.ndarray, round_: np.ndarray | None, rng: np.random.Generator
) -> FloatArray:
    """Draw which side comes first, 1 for a; in rounds a judge sees a first, then b."""
    sign = np.array([-1.0, 1.0])[rng.integers(0, 2, who.size)]
    if round_ is None:
        return sign
    is_judge = np.array([member.kind != "human" for member in people])[who]
    return np.where(is_judge, 1.0 - 2.0 * round_, sign)


def _family_errors(people: Sequence[Member], n_items: int, sd: float, rng: np.random.Generator) -> FloatArray:
    families = sorted({member.family for member in people} - {""})
    error = {name: sd * rng.standard_normal(n_items) for name in families}
    return np.array([error.get(member.family, np.zeros(n_items)) for member in people])


def _answers(
    people: Sequence[Member],
    quality: FloatArray,
    shared: FloatArray,
    pair: tuple[np.ndarray, np.ndarray],
    names: Sequence[str],
    item: np.ndarray,
    who: np.ndarray,
    sign: FloatArray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Answer every row, 1 for a, 0 for a tie, -1 for b."""
    traits = pd.DataFrame([(m.discrimination, m.drift, m.position_bias, m.tie_width, m.taste) for m in people])
    slope, drift, lean, width, taste = traits.to_numpy(float)[who].T
    slope = slope + drift * np.arange(item.size) / max(item.size - 1, 1)
    eta = slope * (quality[taste.astype(int), item] + shared[who, item]) + lean * sign
    u = rng.random(item.size)
    answer = (u < expit(eta - width)).astype(int) - (u >= 1 - expit(-eta - width)).astype(int)
    behavior = np.array([member.behavior for member in people])[who]
    answer = np.where(behavior == "random", rng.integers(-1, 2, item.size), answer)
    answer = np.where(behavior == "inverted", -answer, answer)
    of_ring = np.asarray(rng.integers(-1, 2, quality.shape[1]))
    answer = np.where(behavior == "ring", of_ring[item], answer)
    for name, turn in (("first", 1), ("second", -1), ("always_tie", 0)):
        answer = np.where(behavior == name, turn * sign.astype(int), answer)
    favorite = np.array([names.index(m.favorite) if m.favorite in names else -1 for m in people])[who]
    wins = (pair[0][item] == favorite).astype(int) - (pair[1][item] == favorite).astype(int)
    return np.where((behavior == "rigging") & (wins != 0), wins, answer)


def _items(
    prompt: np.ndarray, a: np.ndarray, b: np.ndarray, names: Sequence[str], tag: np.ndarray, quality: FloatArray
) -> pd.DataFrame:
    opposed = (np.sign(quality[1:]) != np.sign(quality[0])) & (np.abs(quality[1:] - quality[0]) > 1)
    return pd.DataFrame(
        {"item": [f"{p:03d}-{x:02d}-{y:02d}" for p, x, y in zip(prompt, a, b, strict=True)]}
        | {"system_a": np.array(names)[a], "system_b": np.array(names)[b]}
        | {"tag": [f"tag-{k}" for k in tag], "contested": opposed.any(axis=0)}
    )


def _frame(
    table: pd.DataFrame,
    people: Sequence[Member],
    item: np.ndarray,
    who: np.ndarray,
    sign: FloatArray,
    outcome: np.ndarray,
) -> pd.DataFrame:
    named = pd.DataFrame([(m.name, m.kind, m.family) for m in people])
    named.columns = pd.Index(["annotator", "annotator_kind", "annotator_family"])
    rows = table.loc[item, ["item", "system_a", "system_b"]].reset_index(drop=True)
    rows = pd.concat([rows, named.loc[who].reset_index(drop=True)], axis=1)
    return rows.assign(
        outcome=np.array(["b", "tie", "a"], dtype=object)[outcome + 1],
        shown_order=np.where(sign > 0, "ab", "ba"),
        tags=[(tag,) for tag in table["tag"].take(item)],
        submitted_at=pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(item.size), unit="min"),
    )
