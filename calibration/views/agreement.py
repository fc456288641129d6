from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.views.access import SignedInRequest, signed_in
from calibration.models import Run
from calibration.views import basis, labels
from calibration.views.figures import AGREEMENT
from calibration.views.tables import agreement, agreement_parts, pairs, turns


@signed_in
@require_GET
def show(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show every agreement record of the run; an undefined one says why."""
    stands = basis.of(request, slug)
    if stands.is_labeled:
        return labels.agreements(request, stands)
    facts = _facts(stands.run)
    rows = agreement.rows(stands.run, stands.criterion, facts.get("window", "")) if stands.run else []
    context = stands.context(
        "agreement",
        overall=[row for row in rows if not row.record.slice],
        dimensions=agreement_parts.dimensions([row for row in rows if row.record.slice], facts.get("window", "")),
        notes=facts.get("notes", []),
        matrix=pairs.matrix(stands.run, stands.criterion) if stands.run else None,
        turns=turns.rows(facts, stands.criterion.key) if stands.criterion else [],
        agreement_scale=AGREEMENT,
    )
    return render(request, "calibration/agreement.html", context)


def _facts(run: Run | None) -> dict[str, Any]:
    """Return the windows' length, the votes by turn, and what was not measured."""
    return run.figures.get("agreement", {}) if run else {}
