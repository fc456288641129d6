"""Choose which responses meet: a connected, balanced design over all prompts."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple


class Entry(NamedTuple):
    """One response that can be compared: system key, response key, digest of its text."""

    system: str
    response: str
    sha256: str


Pair = tuple[Entry, Entry]


def design(prompts: Mapping[str, Sequence[Entry]], *, pairs_per_prompt: int | None = None) -> dict[str, list[Pair]]:
    """Return the pairs of each prompt, in canonical order.

    Prompts are taken in an order drawn from their keys. Each takes the pairs whose systems have met least so far, so
    that system pairs and systems stay balanced; identical texts never meet. Systems that could meet but did not are
    linked in the end, so that every system can be ranked against every other.
    """
    met: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    chosen: dict[str, list[Pair]] = {}
    for prompt in sorted(prompts, key=_draw):
        candidates = _candidates(prompts[prompt])
        wanted = pairs_per_prompt or default_pairs(len(prompts[prompt]))
        chosen[prompt] = [_take(candidates, met, seen, prompt) for _ in range(min(wanted, len(candidates)))]
    _link(prompts, chosen)
    return {prompt: sorted(chosen[prompt]) for prompt in prompts}


def default_pairs(responses: int) -> int:
    """Return all pairs of up to five responses; beyond that one pair a response keeps the work linear."""
    return responses * (responses - 1) // 2 if responses <= 5 else responses


def components(pairs: Sequence[tuple[str, str]]) -> list[set[str]]:
    """Return the groups of systems that some chain of comparisons joins."""
    groups: list[set[str]] = []
    for pair in pairs:
        joined = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in joined] + [set(pair).union(*joined)]
    return groups


def _candidates(entries: Sequence[Entry]) -> list[Pair]:
    return [(a, b) for a, b in combinations(sorted(entries), 2) if a.sha256 != b.sha256 and a.system != b.system]


def _take(candidates: list[Pair], met: Counter[tuple[str, str]], seen: Counter[str], prompt: str) -> Pair:
    def cost(pair: Pair) -> tuple[int, int, str]:
        a, b = pair[0].system, pair[1].system
        return met[a, b], seen[a] + seen[b], _draw(f"{prompt}|{a}|{b}|{pair[0].response}|{pair[1].response}")

    best = min(candidates, key=cost)
    candidates.remove(best)
    met[best[0].system, best[1].system] += 1
    seen.update([best[0].system, best[1].system])
    return best


def _link(prompts: Mapping[str, Sequence[Entry]], chosen: dict[str, list[Pair]]) -> None:
    groups = components([(a.system, b.system) for pairs in chosen.values() for a, b in pairs])
    for prompt in sorted(prompts, key=_draw):
        if len(groups) <= 1 and {entry.system for entry in prompts[prompt]} <= set().union(*groups):
            continue
        for pair in _candidates(prompts[prompt]):
            ends = {pair[0].system, pair[1].system}
            if not any(ends <= group for group in groups):
                chosen[prompt].append(pair)
                groups = components([*_chains(groups), (pair[0].system, pair[1].system)])


def _chains(groups: Sequence[set[str]]) -> list[tuple[str, str]]:
    return [(min(group), system) for group in groups for system in group]


def _draw(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
