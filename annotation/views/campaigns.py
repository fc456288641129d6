"""The list of campaigns, a new one, and its state."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.forms import CampaignForm
from annotation.models import Campaign, Enrollment, Judgment, Task
from annotation.permissions import check_may_create_campaigns
from annotation.rubric_forms import CriteriaFormSet
from annotation.services import campaigns
from annotation.templatetags.components import Link
from annotation.views import errors
from annotation.views.access import SignedInRequest, back_to, changeable_campaign, signed_in

State = Campaign.State
FILTERS = {
    "active": ("Active", Q(state__in=[State.DRAFT, State.OPEN, State.PAUSED])),
    "closed": ("Closed", Q(state=State.CLOSED)),
    "all": ("All", Q()),
}
MOVES = {"open": campaigns.open_, "pause": campaigns.pause, "close": campaigns.close}
SAID = {"open": "takes judgments now.", "pause": "is paused.", "close": "is closed. You can open it again."}


@require_GET
@signed_in
def campaign_list(request: SignedInRequest) -> HttpResponse:
    chosen = request.GET.get("state", "active")
    chosen = chosen if chosen in FILTERS else "active"
    mine = Campaign.objects.readable_by(request.user)
    rows = _counted(mine.filter(FILTERS[chosen][1]))
    context = {
        "campaigns": rows,
        "tabs": _tabs(mine, chosen),
        "waiting": _waiting(mine),
        "may_create": request.user.is_admin or request.user.may_create_campaigns,
    }
    return render(request, "annotation/campaigns.html", context)


def _counted(found: QuerySet[Campaign]) -> list[Campaign]:
    """Add how many answers of people are in, of how many planned; open ones come first."""
    tasks = Task.objects.filter(campaign=OuterRef("pk"), is_servable=True).order_by()
    answers = Judgment.objects.filter(campaign=OuterRef("pk")).by_people().first_round().effective().order_by()
    person_and_task = Func(F("task"), F("annotator"), template="(%(expressions)s)", output_field=IntegerField())
    answered = answers.values("campaign").annotate(n=Count(person_and_task, distinct=True))
    rank = Case(
        *(When(state=state, then=Value(place)) for place, state in enumerate([State.OPEN, State.PAUSED, State.DRAFT])),
        default=Value(9),
        output_field=IntegerField(),
    )
    rows = found.annotate(
        task_count=Coalesce(Subquery(tasks.values("campaign").annotate(n=Count("pk")).values("n")), 0),
        answered=Coalesce(Subquery(answered.values("n")), 0),
        planned=F("task_count") * F("overlap"),
        goal=Greatest(F("planned"), F("answered")),
        rank=rank,
    )
    return list(rows.order_by("rank", "name"))


def _tabs(mine: QuerySet[Campaign], chosen: str) -> list[Link]:
    counts = mine.aggregate(**{key: Count("pk", filter=rule, distinct=True) for key, (_, rule) in FILTERS.items()})
    address = reverse("campaigns")
    return [Link(f"{address}?state={key}", label, key == chosen, counts[key]) for key, (label, _) in FILTERS.items()]


def _waiting(mine: QuerySet[Campaign]) -> list[dict[str, Any]]:
    """List campaigns with applications that nobody has decided on."""
    rows = (
        Enrollment.objects.filter(campaign__in=mine, state=Enrollment.State.APPLIED)
        .values("campaign__slug", "campaign__name")
        .annotate(n=Count("pk"))
        .order_by("campaign__name")
    )
    return [
        {
            "sign": "people",
            "title": f"{row['n']} application{'' if row['n'] == 1 else 's'} to decide on",
            "line": row["campaign__name"],
            "href": reverse("campaign-people", args=[row["campaign__slug"]]),
        }
        for row in rows
    ]


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_new(request: SignedInRequest) -> HttpResponse:
    check_may_create_campaigns(request.user)
    form = CampaignForm(request.POST or None)
    criteria = CriteriaFormSet(request.POST or None, prefix="criteria", initial=None if request.POST else FIRST)
    if request.method == "POST" and form.is_valid() & criteria.is_valid():
        try:
            campaign = campaigns.create(by=request.user, criteria=criteria.drafts(), **form.cleaned_data)
        except campaigns.RubricRefused as error:
            form.add_error("task_type", str(error))
        else:
            messages.success(request, f"{campaign.name} is a draft. Import its tasks, then open it.")
            return redirect("campaign-import", slug=campaign.slug)
    context = {"form": form, "criteria": criteria}
    return render(request, "annotation/campaign_new.html", context, status=422 if request.method == "POST" else 200)


FIRST = [{"name": draft.name, "question": draft.question} for draft in campaigns.DEFAULT_CRITERIA]


@require_POST
@signed_in
def campaign_state(request: SignedInRequest, slug: str) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    action = request.POST.get("action", "")
    if action not in MOVES:
        message = "A campaign can be opened, paused or closed. Go back and use one of its buttons."
        return errors.page(request, status=422, title="That is not a state", message=message)
    MOVES[action](campaign=campaign, by=request.user)
    messages.success(request, f"{campaign.name} {SAID[action]}")
    return back_to(request, reverse("campaigns"))
