"""Rows about annotators: how far each can be trusted, and whom to look at first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotation.models import Annotator, Criterion
from calibration.models import Estimate, Run
from calibration.views import figures
from calibration.views.figures import RELIABILITY_LINE, Figure
from calibration.views.tables import contested

Quantity = Estimate.Quantity
SHIFT_LINE = 0.1
LITTLE_INFORMATION = "little information"
SIGNED = {Quantity.POSITION_SHIFT, Quantity.POSITION_BIAS, Quantity.LENGTH_BIAS}
CONCERN_RULE = (
    f"A look is due where the interval of reliability lies below {RELIABILITY_LINE:.2f},"
    f" or where the interval of position bias leaves out zero and the estimate is {SHIFT_LINE:.2f} or more,"
    " or where the answers say nothing to any taste group. Dissent alone is no fault."
)
IN_TABLE = (
    Quantity.RELIABILITY,
    Quantity.DISCRIMINATION,
    Quantity.POSITION_SHIFT,
    Quantity.TIE_RATE,
)


@dataclass(frozen=True, slots=True)
class AnnotatorRow:
    """One annotator's estimates in one run."""

    annotator: Annotator
    n: int
    reliability: Figure | None
    discrimination: Figure | None
    position: Figure | None
    ties: Figure | None
    flag: str = ""
    """Why the answers say nothing to anybody, as the run found it."""
    is_vague: bool = False
    """The judgments hardly moved the estimates away from what is known of the group."""

    @property
    def is_few(self) -> bool:
        return self.n < figures.FEW

    @property
    def concerns(self) -> tuple[str, ...]:
        """Name what needs a look; an interval must lie beyond the line, an estimate alone is not enough."""
        if self.is_few or self.is_vague:
            return ()
        found = [self.flag] if self.flag else []
        if self.reliability and self.reliability.high < RELIABILITY_LINE:
            found.append("reliability")
        if self.position and self.position.excludes_zero and abs(self.position.value) >= SHIFT_LINE:
            found.append("position bias")
        return tuple(found)

    @property
    def urgency(self) -> tuple[bool, bool, float]:
        """Sort by concern, then the established before the new, then by the lowest reliability."""
        return not self.concerns, self.is_few, self.reliability.value if self.reliability else 1.0


SORTS = {
    "look": ("What needs a look", lambda row: row.urgency),
    "reliability": ("Least reliable", lambda row: row.reliability.value if row.reliability else 2.0),
    "position": ("Most position bias", lambda row: -abs(row.position.value) if row.position else 1.0),
    "judgments": ("Most judgments", lambda row: -row.n),
    "name": ("Name", lambda row: row.annotator.name.casefold()),
}


def rows(run: Run, criterion: Criterion | None, *, kind: str = "", sort: str = "look") -> list[AnnotatorRow]:
    """Return one row an annotator, in two queries at most, sorted as asked."""
    estimates = Estimate.objects.filter(run=run, criterion=criterion, quantity__in=IN_TABLE, annotator__isnull=False)
    if kind:
        estimates = estimates.filter(annotator__kind=kind)
    flags = contested.flags(run, criterion)
    made = [_row(group, flags) for group in _by_annotator(estimates.select_related("annotator"))]
    return sorted(made, key=lambda row: (SORTS[sort][1](row), row.annotator.name, row.annotator.pk))


def _by_annotator(estimates: Iterable[Estimate]) -> list[Sequence[Estimate]]:
    groups: defaultdict[int | None, list[Estimate]] = defaultdict(list)
    for estimate in estimates:
        groups[estimate.annotator_id].append(estimate)
    return list(groups.values())


def _row(estimates: Sequence[Estimate], flags: Mapping[str, str]) -> AnnotatorRow:
    found = {row.quantity: figures.of(row, signed=row.quantity in SIGNED) for row in estimates}
    annotator = estimates[0].annotator
    assert annotator is not None
    return AnnotatorRow(
        annotator=annotator,
        n=max(row.n for row in estimates),
        reliability=found.get(Quantity.RELIABILITY),
        discrimination=found.get(Quantity.DISCRIMINATION),
        position=found.get(Quantity.POSITION_SHIFT),
        ties=found.get(Quantity.TIE_RATE),
        flag=flags.get(str(annotator.public_id), ""),
        is_vague=any(row.parameter == LITTLE_INFORMATION for row in estimates),
    )
