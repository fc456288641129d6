"""Evaluators of a campaign with their standing, and its members."""

from typing import Any

from django.contrib import messages
from django.db.models import Aggregate, Count, DateTimeField, F, FloatField, Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotation.forms import DecisionForm, MemberForm
from annotation.models import Campaign, Enrollment, Judgment, Membership
from annotation.services import campaigns, evaluators
from annotation.vetting_forms import InvitationForm
from annotation.views.access import SignedInRequest, changeable_campaign, may_change, readable_campaign, signed_in


@require_GET
@signed_in
def people(request: SignedInRequest, slug: str) -> HttpResponse:
    return page(request, readable_campaign(request, slug))


@require_POST
@signed_in
def decide(request: SignedInRequest, slug: str, enrollment_id: int) -> HttpResponse:
    """Accept or suspend an evaluator."""
    campaign = changeable_campaign(request, slug)
    enrollment = get_object_or_404(campaign.enrollments.select_related("annotator", "campaign"), pk=enrollment_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return page(request, campaign, status=422, wrong=enrollment.pk, decision=form)
    reason = form.cleaned_data["reason"]
    if form.cleaned_data["action"] == "accept":
        evaluators.qualify(enrollment=enrollment, by=request.user, reason=reason)
        messages.success(request, f"{enrollment.annotator.name} gets tasks now.")
    else:
        evaluators.suspend(enrollment=enrollment, by=request.user, reason=reason)
        messages.success(request, f"{enrollment.annotator.name} is suspended and gets no tasks. You can take it back.")
    return redirect("campaign-people", slug=slug)


@require_POST
@signed_in
def member_add(request: SignedInRequest, slug: str) -> HttpResponse:
    campaign = changeable_campaign(request, slug)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return page(request, campaign, status=422, member_form=form)
    member, role = form.cleaned_data["username"], Membership.Role(form.cleaned_data["role"])
    campaigns.add_member(campaign=campaign, user=member, role=role, by=request.user)
    messages.success(
        request, f"{member.username} is {'an' if role == Membership.Role.AUDITOR else 'a'} {role} here now."
    )
    return redirect("campaign-people", slug=slug)


def page(request: SignedInRequest, campaign: Campaign, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "campaign": campaign,
        "tab": "people",
        "may_change": may_change(request.user, campaign),
        "enrollments": _enrollments(campaign),
        "members": campaign.memberships.select_related("user").order_by("role", "user__username"),
        "member_form": MemberForm(),
        "invitations": campaign.invitations.select_related("accepted_by").annotate(now=Now()).order_by("-pk")[:50],
        "invitation_form": InvitationForm(),
        "apply_url": request.build_absolute_uri(reverse("apply", args=[campaign.slug])),
    }
    return render(request, "annotation/people.html", context | extra, status=status)


def _enrollments(campaign: Campaign) -> QuerySet[Enrollment]:
    """Return the evaluators with how many tasks each has answered, applications first."""
    mine = Judgment.objects.filter(campaign=campaign, annotator=OuterRef("annotator")).first_round().effective()
    answered = mine.order_by().values("annotator").annotate(n=Count("task", distinct=True)).values("n")
    rows = campaign.enrollments.select_related("annotator__user")
    today = Func(Now(), template="date_trunc('day', now())", output_field=DateTimeField())
    first = mine.filter(criterion__position=0).order_by().values("annotator")
    known = first.filter(task__pool="gold", task__gold__isnull=False)

    def one(rows: Any, of: Aggregate) -> Subquery:
        return Subquery(rows.annotate(found=of).values("found"))

    return rows.annotate(
        answered=Coalesce(Subquery(answered), 0),
        today=Coalesce(one(first.filter(submitted_at__gte=today), Count("pk")), 0),
        seconds=one(first.filter(active_ms__gt=0), Median("active_ms")) / 1_000.0,
        known=Coalesce(one(known, Count("pk")), 0),
        known_right=Coalesce(one(known.filter(outcome=F("task__gold__outcome")), Count("pk")), 0),
    ).order_by("state", "created_at", "pk")


class Median(Aggregate):
    """The middle value, interpolated as PostgreSQL does."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()
