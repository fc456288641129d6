from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.views.access import SignedInRequest, signed_in
from calibration.views import basis
from calibration.views.figures import AGREEMENT
from calibration.views.tables import agreement


@signed_in
@require_GET
def show(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show every agreement record of the run; an undefined one says why."""
    stands = basis.of(request, slug)
    rows = agreement.rows(stands.run, stands.criterion) if stands.run else []
    context = stands.context(
        "agreement",
        overall=[row for row in rows if not row.record.slice],
        slices=[row for row in rows if row.record.slice],
        agreement_scale=AGREEMENT,
    )
    return render(request, "calibration/agreement.html", context)
