"""What a qualification test tells apart: who passes it how often, exact from the binomial distribution."""

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

HONEST, HONEST_MUST_PASS = 0.90, 0.99


class Passing(NamedTuple):
    """How often somebody who is right with this chance on each task passes: at once, and with the one retake."""

    name: str
    accuracy: float
    first: float
    with_retake: float


def chance(size: int, line: int, accuracy: float) -> float:
    """Return the chance of at least `line` right answers of `size`, each right with the same chance."""
    return sum(comb(size, k) * accuracy**k * (1 - accuracy) ** (size - k) for k in range(line, size + 1))


def suggested_line(size: int) -> int:
    """Return the highest line that somebody right nine times in ten fails less than once in a hundred tries."""
    lines = (line for line in range(size, 0, -1) if chance(size, line, HONEST) >= HONEST_MUST_PASS)
    return next(lines, 1)


class Model(NamedTuple):
    """How many of the known answers a model gives when it judges the tasks of a test."""

    name: str
    right: int
    of: int


ASSUMED = Model("a model that is right 80 times in 100 (no judge has answered these tasks yet)", 80, 100)


def curve(size: int, line: int, *, one_sided: float, menu: int, models: Sequence[Model] = ()) -> list[Passing]:
    """Return the operating curve, from who should fail to who should pass; then those who hand in a model's answers.

    `one_sided` is the share of tasks whose known answer is a side: somebody who always takes the left one is right on
    half of them, because sides are drawn anew for each person. `menu` is how many answers the form offers. Who copies
    a model passes as often as that model's measured accuracy on known answers lets them.
    """
    kinds = [
        (f"presses any of the {menu} answers", 1 / menu),
        ("always takes the first side", one_sided / 2),
        ("picks a side by chance", one_sided / 2),
        ("right 65 times in 100", 0.65),
        ("right 80 times in 100", 0.80),
        ("right 90 times in 100", HONEST),
        ("right 95 times in 100", 0.95),
    ]
    kinds += [(_copies(model), model.right / model.of) for model in models or [ASSUMED]]
    return [_passing(name, accuracy, chance(size, line, accuracy)) for name, accuracy in kinds]


def _copies(model: Model) -> str:
    measured = f" (right on {model.right} of {model.of} known answers here)" if model is not ASSUMED else ""
    return f"copies {model.name}{measured}"


def _passing(name: str, accuracy: float, first: float) -> Passing:
    return Passing(name, accuracy, first, 1 - (1 - first) ** 2)
