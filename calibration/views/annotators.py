import uuid
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

from annotation.models import Annotator
from annotation.views.access import SignedInRequest, signed_in
from calibration.views import basis, charts, labels
from calibration.views.figures import AGREEMENT, RELIABILITY, SHARE, around_zero
from calibration.views.tables import annotator_detail, annotators, contested, pairs

PAGE = 250
KINDS = {"": "All", "human": "Evaluators", "judge": "Judges"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; an unknown choice falls back to the first."""

    kind: str
    sort: str


def _filters(request: SignedInRequest) -> Filters:
    kind, sort = request.GET.get("kind", ""), request.GET.get("sort", "look")
    return Filters(kind if kind in KINDS else "", sort if sort in annotators.SORTS else "look")


@csp_override(charts.CHART_CSP)
@signed_in
@require_GET
def index(request: SignedInRequest, slug: str) -> HttpResponse:
    """List annotators with their estimates, those who need a look first."""
    stands = basis.of(request, slug)
    if stands.is_labeled:
        return labels.annotators(request, stands)
    template = "calibration/annotators.html"
    if stands.run is None:
        return render(request, template, stands.context("annotators"))
    filters = _filters(request)
    rows = annotators.rows(stands.run, stands.criterion, kind=filters.kind, sort=filters.sort)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    position = around_zero(row.position for row in rows)
    context = stands.context(
        "annotators",
        page=page,
        filters=filters,
        kinds=KINDS,
        sorts={key: label for key, (label, _) in annotators.SORTS.items()},
        concerned=sum(bool(row.concerns) for row in rows),
        reliability_scale=RELIABILITY,
        position_scale=position,
        tie_scale=SHARE,
        chart=charts.trust(list(page.object_list), position),
        themes=charts.themes(),
        note=f"{len(rows):,} in all, run {stands.run.pk}; 90% intervals, n = judgments",
        concern_rule=annotators.CONCERN_RULE,
        kind_label=KINDS[filters.kind],
    )
    is_part = request.headers.get("HX-Target") == "annotators"
    return render(request, f"{template}#annotators" if is_part else template, context)


@signed_in
@require_GET
def detail(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Show one annotator's estimates and where the answers differ from the consensus."""
    stands = basis.of(request, slug)
    annotator = get_object_or_404(Annotator.objects.in_campaign(stands.campaign), public_id=public_id)
    if stands.is_labeled:
        return labels.annotator(request, stands, annotator)
    estimates = annotator_detail.estimates(annotator, stands.run, stands.criterion)
    differences = annotator_detail.differences(annotator, stands.run, stands.criterion)
    context = stands.context(
        "annotators",
        annotator=annotator,
        kind_label="Evaluator" if annotator.is_human else annotator.get_kind_display(),
        facts=annotator_detail.facts(annotator, stands.campaign),
        flag=contested.flag(stands.run, stands.criterion, annotator),
        membership=contested.membership(stands.run, stands.criterion, annotator),
        estimates=estimates,
        estimates_note=annotator_detail.note(estimates, stands.run),
        differences=differences,
        partners=pairs.partners(annotator, stands.run, stands.criterion),
        agreement_scale=AGREEMENT,
        differences_note=f"newest first, {len(differences.rows)} of {differences.total:,}",
    )
    return render(request, "calibration/annotator.html", context)
