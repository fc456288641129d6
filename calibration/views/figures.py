"""What a page shows of a quantity: estimate, 90% interval, n, and the ruler they are read on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import formats, timezone
from django.utils.timesince import timesince

MINUS = "\u2212"
FEW = 20
"""Below this many tasks or judgments no estimate is shown."""
SPARSE = 30
"""Below this many a heat cell is dashed."""
RELIABILITY_LINE = 0.7
"""An annotator whose interval lies below this needs a look."""
BIAS_LIMITS = (0.4, 0.8, 1.6, 3.2, 6.4)
POSITIVE_LIMITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
STRENGTH_LIMITS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)


class Stored(Protocol):
    """A row of the database that holds an estimate with its interval and n."""

    value: float
    ci_low: float
    ci_high: float
    n: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One estimate with its interval and n; a bare number never reaches a template."""

    value: float
    low: float
    high: float
    n: int
    digits: int = 2
    signed: bool = False
    percent: bool = False
    floor: int = FEW

    @property
    def is_few(self) -> bool:
        return self.n < self.floor

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def estimate(self) -> str:
        return f"{self._text(self.value)}%" if self.percent else self._text(self.value)

    @property
    def interval(self) -> str:
        return f"[{self._text(self.low)}, {self._text(self.high)}]"

    @property
    def text(self) -> str:
        return f"from {self.floor} tasks on" if self.is_few else f"{self.estimate} {self.interval}"

    def _text(self, value: float) -> str:
        if self.percent:
            return number(100 * value, digits=0)
        return number(value, digits=self.digits, signed=self.signed)


def of(row: Stored, *, signed: bool = False, digits: int = 2) -> Figure:
    return Figure(row.value, row.ci_low, row.ci_high, row.n, signed=signed, digits=digits)


def number(value: float, *, digits: int = 2, signed: bool = False) -> str:
    """Write a number with the reader's separators, a true minus, and its sign where signs matter."""
    rounded = round(value, digits) + 0.0
    text = formats.number_format(abs(rounded), digits, force_grouping=True)
    if rounded < 0:
        return MINUS + text
    return f"+{text}" if signed and rounded > 0 else text


def age(moment: datetime | None) -> str:
    """Write how long ago something was, in its largest unit."""
    if moment is None:
        return "–"
    now = timezone.now()
    if now - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, now, depth=1)} ago".replace("\xa0", " ")


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of a ruler, with its place in percent."""

    place: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Scale:
    """The limits that all rows of a column share, and the line that they are read against."""

    low: float
    high: float
    middle: float
    reference: float | None = None
    signed: bool = False
    ticks: tuple[Tick, ...] = field(init=False)

    def __post_init__(self) -> None:
        ends = (("start", self.low), ("middle", self.middle), ("end", self.high))
        made = tuple(Tick(f"{self.percent(value):.1f}%", self._label(value), anchor) for anchor, value in ends)
        object.__setattr__(self, "ticks", made)

    def _label(self, value: float) -> str:
        if not self.signed and value == int(value):
            return number(value, digits=0)
        return number(value, digits=1 if round(10 * value) == 10 * value else 2, signed=self.signed)

    def percent(self, value: float) -> float:
        """Return where a value lies between the limits, clipped to them."""
        share = (value - self.low) / (self.high - self.low)
        return 100 * min(max(share, 0.0), 1.0)

    def holds(self, figure: Figure) -> bool:
        return self.low <= figure.low and figure.high <= self.high


AGREEMENT = Scale(0.0, 1.0, 0.5)
RELIABILITY = Scale(0.5, 1.0, 0.75, reference=RELIABILITY_LINE)
SHARE = Scale(0.0, 1.0, 0.5)
PREFERENCE = Scale(0.0, 1.0, 0.5, reference=0.5)


def around_zero(shown: Iterable[Figure | None], limits: tuple[float, ...] = BIAS_LIMITS) -> Scale:
    """Choose the narrowest fixed limits around zero that hold every interval of a column."""
    widest = max((max(abs(f.low), abs(f.high)) for f in shown if f and not f.is_few), default=0.0)
    limit = next((limit for limit in limits if widest <= limit), limits[-1])
    return Scale(-limit, limit, 0.0, reference=0.0, signed=True)


def from_zero(shown: Iterable[Figure | None], *, reference: float | None = None) -> Scale:
    """Choose the narrowest fixed limit above zero that holds every interval of a column, and its line."""
    widest = max((f.high for f in shown if f and not f.is_few), default=0.0)
    limit = next(
        (limit for limit in POSITIVE_LIMITS if max(widest, 2 * (reference or 0.0)) <= limit), POSITIVE_LIMITS[-1]
    )
    return Scale(0.0, limit, limit / 2, reference=reference)
