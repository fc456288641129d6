from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.views.access import SignedInRequest, signed_in
from calibration.views import basis
from calibration.views.figures import AGREEMENT, RELIABILITY, STRENGTH_LIMITS, around_zero
from calibration.views.tables import agreement, annotators, readings, systems

SYSTEMS_SHOWN = 12
HEAT_SHOWN = 8
ANNOTATORS_SHOWN = 9


@signed_in
@require_GET
def overview(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open with the shortest truth; everything below it is proof."""
    stands = basis.of(request, slug)
    run, criterion = stands.run, stands.criterion
    agreements = agreement.rows(run, criterion) if run else []
    now = readings.progress(stands.campaign)
    newer = readings.newer(run, stands.campaign)
    context = stands.context(
        "overview",
        now=now,
        readings=readings.readings(now, run, agreements, newer),
        agreements=agreement.overall(agreements),
        agreement_scale=AGREEMENT,
    )
    if run:
        context |= _systems(stands) | _annotators(stands)
    return render(request, "calibration/overview.html", context)


def _systems(stands: basis.Basis) -> dict[str, object]:
    assert stands.run
    rows = systems.rows(stands.run, stands.criterion)
    matrix = systems.chances(stands.run, stands.criterion)
    return {
        "systems": rows[:SYSTEMS_SHOWN],
        "systems_total": len(rows),
        "strength_scale": around_zero((row.strength for row in rows), STRENGTH_LIMITS),
        "indistinct": systems.indistinct(rows[:SYSTEMS_SHOWN], matrix),
        "heat": systems.heat(rows[:HEAT_SHOWN], matrix) if matrix else [],
    }


def _annotators(stands: basis.Basis) -> dict[str, object]:
    assert stands.run
    rows = annotators.rows(stands.run, stands.criterion)
    return {
        "annotators": rows[:ANNOTATORS_SHOWN],
        "annotators_total": len(rows),
        "annotators_note": f"{len(rows):,} in all, those who need a look first; 90% intervals",
        "reliability_scale": RELIABILITY,
        "position_scale": around_zero(row.position for row in rows),
    }
