import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint, Endpoint
from annotation.api.serializers.people import ApplicationInput, DecisionInput, EnrollmentOutput, StandingOutput
from annotation.models import Campaign, Enrollment
from annotation.services import evaluators

DECISIONS = {"accept": evaluators.qualify, "suspend": evaluators.suspend}


class Enrollments(CampaignEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = pages.PageQuery

    @extend_schema(responses=pages.of(EnrollmentOutput))
    def get(self, request: Request, slug: str) -> Response:
        """List the evaluators of a campaign with their standing."""
        rows = self.campaign.enrollments.select_related("annotator__user")
        return pages.page(request, self.query, rows, lambda found: EnrollmentOutput(found, many=True).data)


class Decision(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=DecisionInput, responses=EnrollmentOutput)
    def post(self, request: Request, slug: str, annotator: uuid.UUID) -> Response:
        """Accept or suspend an evaluator, with a reason."""
        rows = self.campaign.enrollments.select_related("annotator__user", "campaign")
        enrollment = get_object_or_404(rows, annotator__public_id=annotator)
        body = DecisionInput(data=request.data)
        body.is_valid(raise_exception=True)
        decide = DECISIONS[body.validated_data["decision"]]
        decide(enrollment=enrollment, by=self.user, reason=body.validated_data["reason"])
        return Response(EnrollmentOutput(enrollment).data)


class Apply(CampaignEndpoint):
    role_table = {"POST": roles.SIGNED_IN}

    @extend_schema(request=ApplicationInput, responses={201: StandingOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Apply to evaluate in a campaign."""
        body = ApplicationInput(data=request.data)
        body.is_valid(raise_exception=True)
        if self.campaign.state == Campaign.State.DRAFT and not roles.within(self.user, self.campaign) & roles.READERS:
            raise Http404
        enrollment = evaluators.apply(user=self.user, campaign=self.campaign, **body.validated_data)
        return Response(StandingOutput(enrollment).data, status=201)


class OwnStandings(Endpoint):
    role_table = {"GET": roles.SIGNED_IN}
    parameters = pages.PageQuery

    @extend_schema(responses=pages.of(StandingOutput))
    def get(self, request: Request) -> Response:
        """List the campaigns that you have applied to, with your standing."""
        rows = Enrollment.objects.filter(annotator__user=self.user).select_related("campaign")
        return pages.page(request, self.query, rows, lambda found: StandingOutput(found, many=True).data)
