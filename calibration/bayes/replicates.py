"""Replay a fit: what the same annotators would have answered on the same items, draw by draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calibration.bayes import row_terms
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.dissent import Answers

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit


@dataclass(frozen=True, slots=True)
class Draws:
    """Hold draws in the model's own terms, the first axis is the draw.

    ``annotator`` (draws, annotators, parameters) is in the order of PARAMETERS; ``lapse`` (draws, annotators) is the
    share of an annotator's answers that are one of the menu at random.
    """

    strength: FloatArray
    quality: FloatArray
    annotator: FloatArray
    item_sd: FloatArray
    lapse: FloatArray

    def __len__(self) -> int:
        """Count the draws."""
        return len(self.quality)


def spread(fit: Fit, n: int) -> Draws:
    """Take at most n draws, evenly spread over all chains."""
    joined = fit.joined(n)
    return Draws(
        strength=joined["strength"],
        quality=joined["quality"],
        annotator=np.concatenate([joined["discrimination"][:, :, None], joined["habit"]], axis=2),
        item_sd=joined["scale"][:, 1],
        lapse=joined["lapse"][:, fit.data.annotator_group],
    )


def answered(data: ComparisonData, draws: Draws, at: int, quality: FloatArray) -> FloatArray:
    """Give P(a), P(tie), P(b) of each row's answer in one draw, lapses included, shape (rows, 3)."""
    lapse = draws.lapse[at][data.annotator, None]
    chance = row_terms.probabilities(*row_terms.predictor(data, quality[data.item], draws.annotator[at]))
    return np.asarray((1.0 - lapse) * chance + lapse * data.menu)


def answers(
    data: ComparisonData, draws: Draws, *, n: int, seed: int, fresh_items: bool = False
) -> Iterator[tuple[Answers, FloatArray]]:
    """Draw n replicates of all answers, one posterior draw each (draws are used again when n is larger).

    Parameters
    ----------
    data
        Who judged what, and in which order.
    draws
        The posterior.
    fresh_items
        False keeps the drawn qualities of the judged items. True draws every item's quality anew from its systems'
        difference and the drawn item sd (mixed replication): the sharper question about how items differ.

    Yields
    ------
    answers, quality
        Outcomes of the rows (0 = a, 1 = tie, 2 = b) and the qualities they were drawn from.
    """
    rng = np.random.default_rng(seed)
    for k in range(n):
        at = k % len(draws)
        quality = draws.quality[at]
        if fresh_items:
            gap = draws.strength[at][data.item_system_a] - draws.strength[at][data.item_system_b]
            quality = gap + draws.item_sd[at] * rng.standard_normal(gap.size)
        yield drawn(answered(data, draws, at, quality), rng), quality


def drawn(chance: FloatArray, rng: np.random.Generator) -> Answers:
    """Draw one outcome of each row from its probabilities (rows, 3)."""
    u = rng.random(len(chance))
    return (u >= chance[:, 0]).astype(np.int8) + (u >= 1.0 - chance[:, 2]).astype(np.int8)


def first_side(data: ComparisonData) -> Answers:
    """Give the outcome that means "the side shown first": 0 or 2, and -1 where the order is unknown."""
    position = data.covariates[:, 0]
    return np.where(position > 0, 0, np.where(position < 0, 2, -1)).astype(np.int8)
