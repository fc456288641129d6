"""Read a verdict from the probabilities of the answer's first token."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability on the menu, the likeliest word of it, and each word's share of it."""

    word: str
    menu_mass: float
    shares: dict[str, float]

    def share_of(self, word: str) -> float:
        """Return the probability of a word among those of the menu."""
        return self.shares.get(word, 0.0)


def read(alternatives: tuple[tuple[str, float], ...], menu: tuple[str, ...]) -> Odds:
    """Sum the probability of each menu word over the tokens that spell it, white space aside."""
    masses = dict.fromkeys(menu, 0.0)
    for token, logprob in alternatives:
        if token.strip() in masses:
            masses[token.strip()] += math.exp(min(logprob, 0.0))
    total = sum(masses.values())
    shares = {word: mass / total if total else 0.0 for word, mass in masses.items()}
    return Odds(max(menu, key=lambda word: masses[word]), min(total, 1.0), shares)
