"""How many judgments an answer of a given sharpness needs; plain arithmetic, cheap enough for a request."""

from __future__ import annotations

from math import ceil, exp, sqrt

Z90 = 1.6448536269514722
TIE_WIDTH = 0.4


def judgments_needed(width: float, *, tie_width: float = TIE_WIDTH) -> int:
    """Return how many judgments of one pair give a 90% interval of the given width for its win probability.

    The score of a judgment is 1, 1/2 (tie) or 0; between equal systems its variance is P(not a tie) / 4, and n
    judgments give the mean a normal interval of width 2 z sqrt(variance / n). Item effects, biases and weak
    annotators only add to it: a floor for planning, not a promise.

    Parameters
    ----------
    width
        Whole width of the interval, as a probability.
    tie_width
        Half width of the tie zone in log-odds; .4 makes a fifth of the judgments of equal systems ties.

    Raises
    ------
    ValueError
        When the width is not between 0 and 1.
    """
    if not 0 < width < 1:
        raise ValueError("The width of a probability's interval lies between 0 and 1.")
    return ceil(_variance(tie_width) / (width / (2 * Z90)) ** 2)


def interval_width(judgments: float, *, tie_width: float = TIE_WIDTH) -> float:
    """Return the width that ``judgments`` of one pair give, at most 1: the inverse of ``judgments_needed``."""
    if judgments <= 0:
        return 1.0
    return min(2 * Z90 * sqrt(_variance(tie_width) / judgments), 1.0)


def _variance(tie_width: float) -> float:
    return 2 / (1 + exp(tie_width)) / 4
