"""Agreement within parts of the record: one table a dimension, one row a part and a group of annotators."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibration.views.tables import windows
from calibration.views.tables.agreement import HEADLINE_METRIC, SAME_CHOICE, AgreementRow
from calibration.views.tables.judgment_filters import NOTHING

DIMENSIONS = {"tags": "tag", "pool": "pool", "language": "language", "submitted_at": ""}


@dataclass(frozen=True, slots=True)
class PartRow:
    """What two or more annotators of a group agree on within one part."""

    part: str
    alpha: AgreementRow
    same: AgreementRow | None


@dataclass(frozen=True, slots=True)
class Dimension:
    title: str
    rows: list[PartRow]


def dimensions(shown: Sequence[AgreementRow], window: str) -> list[Dimension]:
    """Gather the records of parts; windows of time come in their order, other parts by their name."""
    found = []
    for by, noun in DIMENSIONS.items():
        rows = [row for row in shown if row.record.slice.startswith(f"{by}=")]
        if made := _rows(rows):
            found.append(Dimension(f"By {noun or windows.NAMES.get(window, 'time')}", made))
    return found


def _rows(shown: Sequence[AgreementRow]) -> list[PartRow]:
    same = {(row.record.slice, row.record.who): row for row in shown if row.record.metric == SAME_CHOICE}
    alpha = [row for row in shown if row.record.metric == HEADLINE_METRIC]
    made = [PartRow(_name(row), row, same.get((row.record.slice, row.record.who))) for row in alpha]
    return sorted(made, key=lambda row: (row.part == NOTHING, row.part, row.alpha.record.who != "human"))


def _name(row: AgreementRow) -> str:
    return row.record.slice.partition("=")[2]
