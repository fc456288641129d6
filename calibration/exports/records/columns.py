"""What a column of a released table is: its type in Parquet, its meaning, its unit."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    # An object in JSONL, its text in Parquet.
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    description: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A released table; the order of its columns is the order of keys in JSONL."""

    name: str
    schema_version: str
    description: str
    columns: tuple[Column, ...]


def interval(quantity: str, meaning: str, unit: str = "") -> tuple[Column, ...]:
    """Return the columns of one estimate: value, sd, interval, n."""
    return (
        Column(quantity, Kind.NUMBER, meaning, unit),
        Column(f"{quantity}_sd", Kind.NUMBER, f"posterior standard deviation of {quantity}", unit),
        Column(f"{quantity}_ci_low", Kind.NUMBER, f"lower end of the interval of {quantity}", unit),
        Column(f"{quantity}_ci_high", Kind.NUMBER, f"upper end of the interval of {quantity}", unit),
        Column(f"{quantity}_n", Kind.INTEGER, f"judgments behind {quantity}", "judgments"),
    )
