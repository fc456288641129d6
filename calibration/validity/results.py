"""One estimate of a design-based check, with its interval and its counts."""

from dataclasses import asdict, dataclass
from typing import Any

LEVEL = 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate, or the reason why there is none.

    Attributes
    ----------
    name
        What is estimated.
    value, ci_low, ci_high, ci_level
        Estimate and interval, None without one.
    n
        Units behind it: items with a human label, pairs, or judgments, as the name says.
    n_judge
        Items with a judge's label only, where these count.
    recipe
        How it was computed.
    undefined_reason
        Why there is no value.
    """

    name: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float
    n: int
    n_judge: int = 0
    recipe: str = ""
    undefined_reason: str = ""

    @property
    def width(self) -> float | None:
        """Return the width of the interval."""
        return None if self.ci_low is None or self.ci_high is None else self.ci_high - self.ci_low

    def as_json(self) -> dict[str, Any]:
        """Return the estimate as plain values."""
        return asdict(self)


def undefined(name: str, reason: str, *, n: int = 0, level: float = LEVEL) -> Estimate:
    """Return an estimate that is not there, and why."""
    return Estimate(name=name, value=None, ci_low=None, ci_high=None, ci_level=level, n=n, undefined_reason=reason)
