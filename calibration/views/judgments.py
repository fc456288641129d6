from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotation.models import Campaign
from annotation.views import access, errors
from annotation.views.access import SignedInRequest, signed_in
from calibration.views import judgment_form
from calibration.views.tables import judgments, pairs
from calibration.views.tables.judgment_filters import USES, Filters

WORDS = {"kind": dict(judgment_form.KINDS), "use": USES, "order": dict(judgment_form.ORDERS)}
SHOWN = ("use", "criterion", "annotator", "partner", "system", "against", "task", "kind", "outcome", "order")
MORE = ("tag", "pool", "language", "since", "before", "dated", "paired")


@signed_in
@require_GET
def index(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the judgments behind a figure, each with whether it counts and why not."""
    campaign = access.readable_campaign(request, slug)
    try:
        form, filters, after = judgment_form.read(request.GET, campaign)
    except judgment_form.Refused as error:
        return _refused(request, campaign, str(error))
    rows, following = judgments.page(campaign, filters, before=after)
    context = {
        "campaign": campaign,
        "tab": "judgments",
        "form": form,
        "fields": [form[name] for name in SHOWN],
        "more": [form[name] for name in MORE],
        "run": filters.run,
        "chosen": _chosen(request, filters),
        "rows": rows,
        "following": following,
        "after": after,
        "query": _query(request, "after"),
        "pair": pairs.of_two(filters.run, filters.criterion, (filters.annotator, filters.partner)),
        "totals": judgments.totals(campaign, filters),
        "standings": _standings(request, campaign, filters),
    }
    is_part = request.headers.get("HX-Target") == "judgments"
    template = "calibration/judgments.html"
    return render(request, f"{template}#judgments" if is_part else template, context)


def _refused(request: HttpRequest, campaign: Campaign, message: str) -> HttpResponse:
    ways = [errors.Way(reverse("calibration:judgments", args=[campaign.slug]), "All judgments")]
    return errors.page(request, status=400, title="This list cannot be shown", message=message, ways=ways)


def _chosen(request: HttpRequest, filters: Filters) -> list[dict[str, str]]:
    """Name each filter in force, with the address without it."""
    return [
        {"label": _label(name), "value": _value(name, value), "without": _query(request, name, "after")}
        for name, value in filters.given().items()
    ]


def _label(name: str) -> str:
    return str(judgment_form.JudgmentForm.base_fields[name].label or name.capitalize()).lower()


def _value(name: str, value: Any) -> str:
    if name in {"run", "task"}:
        return f"{'T-' if name == 'task' else ''}{value.pk}"
    if value is True:
        return "yes"
    return str(WORDS.get(name, {}).get(value, value))


def _standings(request: HttpRequest, campaign: Campaign, filters: Filters) -> list[dict[str, Any]]:
    """Say what becomes of all judgments that the other filters hold, each line with its address."""
    without = _query(request, "use", "after")
    found = judgments.standings(campaign, filters)
    return [
        {"standing": row, "href": f"?{without}&use={row.use}", "is_chosen": row.use == filters.use}
        for row in found
        if row.n or row.use == "agreement"
    ]


def _query(request: HttpRequest, *without: str) -> str:
    query = request.GET.copy()
    for name in without:
        query.pop(name, None)
    for name in [name for name, value in query.items() if not value]:
        query.pop(name, None)
    return query.urlencode()
