"""Who agrees with whom: the annotators with the most common tasks against each other, and one against all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from annotation.models import Annotator, Criterion
from calibration.models import PairAgreement, Run
from calibration.views import evidence
from calibration.views.figures import Figure

SHOWN = 12
PARTNERS_SHOWN = 15
IDS = ("first_id", "second_id", "n_items")


@dataclass(frozen=True, slots=True)
class PairCell:
    """Two annotators' alpha on their common tasks, or why there is none."""

    pair: PairAgreement
    shown: Figure | None
    href: str

    @property
    def share(self) -> Figure | None:
        """Return how often both chose the same."""
        row = self.pair
        if row.percent is None or row.percent_low is None or row.percent_high is None:
            return None
        return Figure(row.percent, row.percent_low, row.percent_high, row.n_items, percent=True)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One annotator against those before it; None where the two share no task."""

    annotator: Annotator
    cells: tuple[PairCell | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The lower triangle of the table; `left` annotators with fewer common tasks are not in it."""

    columns: list[Annotator]
    rows: list[MatrixRow]
    left: int


@dataclass(frozen=True, slots=True)
class PartnerRow:
    partner: Annotator
    cell: PairCell


def matrix(run: Run, criterion: Criterion | None) -> Matrix | None:
    """Return the table of pairs in three queries, people before judges; None where no two share a task."""
    stored = PairAgreement.objects.filter(run=run, criterion=criterion)
    common: Counter[int] = Counter()
    for first, second, n in stored.values_list(*IDS):
        common[first] += n
        common[second] += n
    chosen = [pk for pk, _ in sorted(common.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]]
    if not chosen:
        return None
    who = sorted(Annotator.objects.filter(pk__in=chosen), key=lambda row: (not row.is_human, -common[row.pk], row.name))
    cells = {}
    for pair in stored.filter(first__in=chosen, second__in=chosen).select_related("first", "second"):
        cells[frozenset((pair.first_id, pair.second_id))] = cell(run, criterion, pair)
    rows = [
        MatrixRow(one, tuple(cells.get(frozenset((one.pk, other.pk))) for other in who[:place]))
        for place, one in enumerate(who)
    ]
    return Matrix(who[:-1], rows[1:], len(common) - len(chosen))


def cell(run: Run, criterion: Criterion | None, pair: PairAgreement) -> PairCell:
    about = {"run": run, "use": "agreement", "criterion": criterion, "annotator": pair.first, "partner": pair.second}
    return PairCell(pair, _figure(pair), evidence.href(run.campaign, **about))


def _figure(pair: PairAgreement) -> Figure | None:
    if pair.alpha_nominal is None or pair.alpha_low is None or pair.alpha_high is None:
        return None
    return Figure(pair.alpha_nominal, pair.alpha_low, pair.alpha_high, pair.n_items)


def partners(annotator: Annotator, run: Run | None, criterion: Criterion | None) -> list[PartnerRow]:
    """Return with whom one annotator shares the most tasks."""
    if run is None:
        return []
    stored = PairAgreement.objects.filter(run=run, criterion=criterion)
    rows = stored.filter(Q(first=annotator) | Q(second=annotator)).select_related("first", "second")
    most = rows.order_by("-n_items", "pk")[:PARTNERS_SHOWN]
    return [
        PartnerRow(row.second if row.first_id == annotator.pk else row.first, cell(run, criterion, row)) for row in most
    ]


def of_two(run: Run | None, key: str, who: Sequence[Annotator | None]) -> PairCell | None:
    """Return the stored agreement of two annotators, where a run measured it."""
    if run is None or not key or not all(who):
        return None
    stored = PairAgreement.objects.filter(run=run, criterion__key=key, first__in=who, second__in=who)
    pair = stored.select_related("first", "second", "criterion").first()
    return cell(run, pair.criterion, pair) if pair else None
