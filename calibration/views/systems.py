import uuid
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

from annotation.views.access import SignedInRequest, signed_in
from calibration.views import basis, charts, labels
from calibration.views.figures import PREFERENCE, STRENGTH_LIMITS, around_zero
from calibration.views.tables import comparison, standings, systems
from calibration.views.tables.systems import SystemRow


@dataclass(frozen=True, slots=True)
class Part:
    """The systems that are ranked together, under their heading."""

    title: str
    rows: list[SystemRow]


@csp_override(charts.CHART_CSP)
@signed_in
@require_GET
def show(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show strengths, ranks, and one system's chances against the others."""
    stands = basis.of(request, slug)
    if stands.is_labeled:
        return labels.systems(request, stands)
    template = "calibration/systems.html"
    if stands.run is None:
        return render(request, template, stands.context("systems"))
    rows = systems.rows(stands.run, stands.criterion)
    matrix = systems.chances(stands.run, stands.criterion)
    one = _chosen(request, rows)
    against = systems.against(one.system, rows, matrix) if one else []
    context = stands.context(
        "systems",
        rows=rows,
        parts=_parts(rows),
        groups=standings.groups([row.standing for row in rows if row.standing]),
        unranked=stands.run.figures.get("unranked", {}).get(stands.criterion.key if stands.criterion else "", ""),
        others=comparison.offered(stands.run, request.user),
        compared=_compared(request, stands),
        strength_scale=around_zero((row.strength for row in rows), STRENGTH_LIMITS),
        indistinct=systems.indistinct(rows, matrix),
        heat=systems.heat(rows, matrix, stands.run, stands.criterion) if matrix else [],
        chosen=one,
        against=against,
        chance_scale=PREFERENCE,
        chart=charts.chances(one.system, against) if one else None,
        themes=charts.themes(),
    )
    is_part = request.headers.get("HX-Target") == "chances"
    return render(request, f"{template}#chances" if is_part else template, context)


def _chosen(request: SignedInRequest, rows: list[SystemRow]) -> SystemRow | None:
    key = request.GET.get("system", "")
    if not key:
        return rows[0] if rows else None
    if not (found := next((row for row in rows if row.system.key == key), None)):
        raise Http404("This run has no such system.")
    return found


def _parts(rows: list[SystemRow]) -> list[Part]:
    components: dict[int, list[SystemRow]] = {}
    for row in rows:
        components.setdefault(row.standing.component if row.standing else 0, []).append(row)
    if len(components) < 2:
        return [Part("Strength and rank", rows)]
    return [Part(f"Strength and rank, group {number}", part) for number, part in enumerate(components.values(), 1)]


def _compared(request: SignedInRequest, stands: basis.Basis) -> comparison.Comparison | None:
    if not (wanted := request.GET.get("with", "")) or stands.run is None:
        return None
    try:
        other = comparison.find(uuid.UUID(wanted), request.user)
    except ValueError:
        other = None
    if other is None:
        raise Http404("There is no such run that passed its checks.")
    return comparison.compare(stands.run, other, stands.criterion)
