"""Spread estimates over the columns of a row: value, sd, interval, n of each quantity."""

from collections.abc import Iterable
from typing import Any

from calibration.exports.facts import Estimate


class Lookup:
    """Finds an owner's estimate on a criterion, or the one that holds for all criteria."""

    def __init__(self, estimates: Iterable[Estimate]) -> None:
        self._rows = {(row.owner, row.quantity, row.criterion): row for row in estimates}
        self._remarks = {(row.owner, row.criterion, row.parameter) for row in self._rows.values() if row.parameter}

    def has_remark(self, owner: str, criterion: str, remark: str) -> bool:
        return bool(self._remarks & {(owner, criterion, remark), (owner, None, remark)})

    def find(self, owner: str, quantity: str, criterion: str) -> Estimate | None:
        return self._rows.get((owner, quantity, criterion)) or self._rows.get((owner, quantity, None))


def spread(lookup: Lookup, quantities: Iterable[str], owner: str, criterion: str) -> dict[str, Any]:
    cells: dict[str, Any] = {"ci_level": None}
    for quantity in quantities:
        row = lookup.find(owner, quantity, criterion)
        cells |= {
            quantity: row.value if row else None,
            f"{quantity}_sd": row.sd if row else None,
            f"{quantity}_ci_low": row.ci_low if row else None,
            f"{quantity}_ci_high": row.ci_high if row else None,
            f"{quantity}_n": row.n if row else None,
        }
        cells["ci_level"] = row.ci_level if row else cells["ci_level"]
    return cells
