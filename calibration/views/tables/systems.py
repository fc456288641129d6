"""Rows about systems: strength, rank, and each one's chance against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.models import Criterion, System
from calibration.models import Estimate, Run, Standing
from calibration.views import evidence, figures
from calibration.views.figures import Figure
from calibration.views.tables import standings

Quantity = Estimate.Quantity
Matrix = dict[tuple[int, int], Figure]


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One system's strength and rank in one run."""

    system: System
    strength: Figure
    rank: str
    standing: Standing | None = None

    @property
    def wins(self) -> Figure | None:
        return standings.wins(self.standing) if self.standing else None

    @property
    def flips(self) -> str:
        return standings.flips(self.standing) if self.standing else "–"


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One chance, and the address of the pair's judgments."""

    shown: Figure
    href: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One system's chances against the others, in the columns' order; None on the diagonal."""

    system: System
    cells: tuple[HeatCell | None, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """The chance that one system is preferred to another."""

    system: System
    chance: Figure


def rows(run: Run, criterion: Criterion | None) -> list[SystemRow]:
    """Return one row a system, the strongest first; groups that were never compared stand one after another."""
    placed: dict[int | None, Standing] = {row.system_id: row for row in standings.of(run, criterion)}
    estimates = Estimate.objects.filter(
        run=run, criterion=criterion, quantity__in=[Quantity.STRENGTH, Quantity.RANK], system__isnull=False
    ).select_related("system")
    ranks = {row.system_id: _rank(row) for row in estimates if row.quantity == Quantity.RANK}
    made = [
        SystemRow(row.system, figures.of(row, signed=True), ranks.get(row.system_id, "–"), placed.get(row.system_id))
        for row in estimates
        if row.quantity == Quantity.STRENGTH and row.system
    ]
    return sorted(made, key=_order)


def _order(row: SystemRow) -> tuple[int, float, str]:
    return row.standing.component if row.standing else 0, -row.strength.value, row.system.key


def _rank(row: Estimate) -> str:
    low, high = round(row.ci_low), round(row.ci_high)
    return str(low) if low == high else f"{low} to {high}"


def chances(run: Run, criterion: Criterion | None) -> Matrix:
    """Return each ordered pair's chance; the run stores one direction, the other is its mirror."""
    found: Matrix = {}
    stored = Estimate.objects.filter(
        run=run, criterion=criterion, quantity=Quantity.WIN_PROBABILITY, system__isnull=False, against__isnull=False
    )
    for row in stored:
        assert row.system_id is not None
        assert row.against_id is not None
        found[row.system_id, row.against_id] = figures.of(row)
        found.setdefault((row.against_id, row.system_id), _mirrored(row))
    return found


def _mirrored(row: Estimate) -> Figure:
    return Figure(1 - row.value, 1 - row.ci_high, 1 - row.ci_low, row.n)


def heat(shown: Sequence[SystemRow], matrix: Matrix, run: Run, criterion: Criterion | None) -> list[HeatRow]:
    order = [row.system for row in shown]

    def cell(one: System, other: System) -> HeatCell | None:
        if not (chance := matrix.get((one.pk, other.pk))):
            return None
        about = {"run": run, "use": "model", "criterion": criterion, "system": one, "against": other}
        return HeatCell(chance, evidence.href(run.campaign, **about))

    return [HeatRow(one, tuple(cell(one, other) for other in order)) for one in order]


def against(one: System, shown: Sequence[SystemRow], matrix: Matrix) -> list[Against]:
    """Return one system's chance against each other, the strongest opponent first."""
    pairs = ((row.system, matrix.get((one.pk, row.system.pk))) for row in shown)
    return [Against(system, chance) for system, chance in pairs if chance is not None]


def indistinct(shown: Sequence[SystemRow], matrix: Matrix) -> list[tuple[SystemRow, SystemRow]]:
    """Return neighbours in rank whose chance against each other may be one half."""
    neighbours = [pair for pair in zip(shown, shown[1:], strict=False) if _are_ranked_together(*pair)]
    return [pair for pair in neighbours if _may_be_even(matrix.get((pair[0].system.pk, pair[1].system.pk)))]


def _are_ranked_together(one: SystemRow, other: SystemRow) -> bool:
    return not one.standing or not other.standing or one.standing.component == other.standing.component


def _may_be_even(chance: Figure | None) -> bool:
    return chance is None or chance.low <= 0.5 <= chance.high
