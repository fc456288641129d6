"""Places of systems with how sure they are: chance to be the best, the distribution of ranks, votes to flip."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.models import Criterion, System
from calibration.models import Run, Standing
from calibration.views.figures import Figure

RANKED_SHOWN = 20
SHOWN_FROM = 0.005


@dataclass(frozen=True, slots=True)
class RankRow:
    """One system's posterior over the ranks of its group; None where the rank is all but impossible."""

    system: System
    shares: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Systems that were compared with each other, if only through others."""

    number: int
    standings: list[Standing]

    @property
    def name(self) -> str:
        return str(self.number)

    @property
    def ranks(self) -> range:
        return range(1, min(len(self.standings), RANKED_SHOWN) + 1)

    @property
    def rows(self) -> list[RankRow]:
        return [RankRow(row.system, _shares(row, self.ranks)) for row in self.standings[:RANKED_SHOWN]]

    @property
    def left(self) -> int:
        """Count the systems that the distribution does not show."""
        return max(len(self.standings) - RANKED_SHOWN, 0)


def of(run: Run, criterion: Criterion | None) -> list[Standing]:
    rows = Standing.objects.filter(run=run, criterion=criterion).select_related("system", "flips_with")
    return list(rows.order_by("component", "place"))


def groups(shown: Sequence[Standing]) -> list[Group]:
    found: dict[int, list[Standing]] = {}
    for row in shown:
        found.setdefault(row.component, []).append(row)
    return [Group(number + 1, rows) for number, rows in found.items()]


def wins(row: Standing) -> Figure:
    """Return the chance to be preferred to the average system of the group."""
    return Figure(row.win_probability, row.win_low, row.win_high, row.n)


def rank(row: Standing) -> str:
    """Write the 90% interval of the rank."""
    return str(row.rank_low) if row.rank_low == row.rank_high else f"{row.rank_low} to {row.rank_high}"


def flips(row: Standing) -> str:
    """Say how few judgments have to go until the next system overtakes this one, or why none do."""
    if row.votes_to_flip is None:
        return "–"
    return f"{row.votes_to_flip:,}"


def _shares(row: Standing, ranks: range) -> tuple[float | None, ...]:
    known = {int(number): float(share) for number, share in row.ranks}
    return tuple(share if (share := known.get(number, 0.0)) >= SHOWN_FROM else None for number in ranks)
