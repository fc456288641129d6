"""Two runs' boards side by side, where their protocols allow it."""

import uuid
from dataclasses import dataclass

from django.db.models import Max

from annotation.models import Campaign, Criterion, System, User
from calibration.bayes.protocol import Comparability
from calibration.models import Run, Standing
from calibration.services import protocol
from calibration.views.figures import Figure
from calibration.views.tables import standings

OFFERED = 20


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One system in both runs; None where a run does not rank it."""

    system: System
    here: Standing | None
    there: Standing | None

    @property
    def rank_here(self) -> str:
        return standings.rank(self.here) if self.here else "–"

    @property
    def rank_there(self) -> str:
        return standings.rank(self.there) if self.there else "–"

    @property
    def wins_here(self) -> Figure | None:
        return standings.wins(self.here) if self.here else None

    @property
    def wins_there(self) -> Figure | None:
        return standings.wins(self.there) if self.there else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict, and the rows where there is nothing against it."""

    other: Run
    verdict: Comparability
    rows: list[ComparedRow]


def offered(run: Run, user: User) -> list[Run]:
    """Return the runs that may be asked for: earlier ones of the campaign, the newest of others that the user reads."""
    elsewhere = Campaign.objects.readable_by(user).exclude(pk=run.campaign_id)
    newest = Run.objects.passed().filter(campaign__in=elsewhere).order_by().values("campaign").annotate(last=Max("pk"))
    ids = list(
        Run.objects.passed()
        .filter(campaign=run.campaign_id)
        .exclude(pk=run.pk)
        .order_by("-pk")[:OFFERED]
        .values_list("pk", flat=True)
    )
    ids += [row["last"] for row in newest.order_by("-last")[:OFFERED]]
    found = Run.objects.select_related("campaign").only("public_id", "finished_at", "campaign__name", "campaign__slug")
    return sorted(found.filter(pk__in=ids), key=lambda other: ids.index(other.pk))


def find(public_id: uuid.UUID, user: User) -> Run | None:
    """Return a passed run of a campaign that the user reads."""
    rows = Run.objects.passed().filter(campaign__in=Campaign.objects.readable_by(user))
    return rows.select_related("campaign").filter(public_id=public_id).first()


def compare(run: Run, other: Run, criterion: Criterion | None) -> Comparison:
    verdict = protocol.comparable(run.figures.get("protocol", {}), other.figures.get("protocol", {}))
    return Comparison(other, verdict, _rows(run, other, criterion) if verdict.comparable else [])


def _rows(run: Run, other: Run, criterion: Criterion | None) -> list[ComparedRow]:
    rows = Standing.objects.filter(run__in=[run, other], criterion__key=criterion.key if criterion else "")
    found: dict[str, dict[int, Standing]] = {}
    for row in rows.select_related("system").order_by("component", "place"):
        found.setdefault(row.system.key, {})[row.run_id] = row
    made = [
        ComparedRow(next(iter(both.values())).system, both.get(run.pk), both.get(other.pk)) for both in found.values()
    ]
    return sorted(
        made,
        key=lambda row: (row.here is None, row.here.component if row.here else 0, row.here.place if row.here else 0),
    )
