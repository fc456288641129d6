from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.views.access import SignedInRequest, signed_in
from calibration.models import Run
from calibration.views import basis, labels
from calibration.views.figures import AGREEMENT, RELIABILITY, STRENGTH_LIMITS, around_zero
from calibration.views.tables import agreement, annotators, needs, readings, systems, tasks

SYSTEMS_SHOWN = 12
HEAT_SHOWN = 8
ANNOTATORS_SHOWN = 9


@signed_in
@require_GET
def overview(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open with the shortest truth; everything below it is proof."""
    stands = basis.of(request, slug)
    if stands.is_labeled:
        return labels.overview(request, stands)
    run, criterion = stands.run, stands.criterion
    agreements = agreement.rows(run, criterion) if run else []
    now = readings.progress(stands.campaign)
    newer = readings.newer(run, stands.campaign)
    context = stands.context(
        "overview",
        now=now,
        readings=readings.readings(now, stands.campaign, run, agreements, newer),
        agreements=agreement.overall(agreements),
        agreement_scale=AGREEMENT,
    )
    if run:
        context |= _systems(stands, run) | _annotators(stands, run, newer)
    return render(request, "calibration/overview.html", context)


def _systems(stands: basis.Basis, run: Run) -> dict[str, object]:
    rows = systems.rows(run, stands.criterion)
    matrix = systems.chances(run, stands.criterion)
    return {
        "systems": rows[:SYSTEMS_SHOWN],
        "systems_total": len(rows),
        "ranked": len({row.standing.component for row in rows if row.standing}),
        "strength_scale": around_zero((row.strength for row in rows), STRENGTH_LIMITS),
        "indistinct": systems.indistinct(rows[:SYSTEMS_SHOWN], matrix),
        "heat": systems.heat(rows[:HEAT_SHOWN], matrix, run, stands.criterion) if matrix else [],
    }


def _annotators(stands: basis.Basis, run: Run, newer: int) -> dict[str, object]:
    rows = annotators.rows(run, stands.criterion)
    totals = tasks.totals(run, stands.criterion)
    return {
        "annotators": rows[:ANNOTATORS_SHOWN],
        "annotators_total": len(rows),
        "annotators_note": f"{len(rows):,} in all, those who need a look first; 90% intervals",
        "needs": needs.needs(stands.campaign, run, rows, totals, newer),
        "reliability_scale": RELIABILITY,
        "position_scale": around_zero(row.position for row in rows),
    }
