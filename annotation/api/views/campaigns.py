from typing import Any

from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint, Endpoint
from annotation.api.problems import Problem
from annotation.api.serializers.campaigns import (
    CampaignDetail,
    CampaignInput,
    CampaignOutput,
    MemberInput,
    MemberOutput,
    StateInput,
)
from annotation.models import Campaign, Membership, User
from annotation.services import campaigns

MOVES = {"open": campaigns.open_, "pause": campaigns.pause, "close": campaigns.close}


class Campaigns(Endpoint):
    role_table = {"GET": roles.SIGNED_IN, "POST": roles.SIGNED_IN}
    parameters = pages.PageQuery

    @extend_schema(responses=pages.of(CampaignOutput))
    def get(self, request: Request) -> Response:
        """List the campaigns that you may read."""
        rows = Campaign.objects.readable_by(self.user)
        return pages.page(request, self.query, rows, lambda found: CampaignOutput(found, many=True).data)

    @extend_schema(request=CampaignInput, responses={201: CampaignDetail})
    def post(self, request: Request) -> Response:
        """Create a draft campaign; you become its researcher."""
        body = CampaignInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted: dict[str, Any] = dict(body.validated_data)
        if "criteria" in wanted:
            wanted["criteria"] = [draft(criterion) for criterion in wanted["criteria"]]
        try:
            with transaction.atomic():
                created = campaigns.create(by=self.user, **wanted)
        except IntegrityError:
            raise Problem(409, "slug_taken", "A campaign has this slug already. Choose another one.") from None
        return Response(CampaignDetail(created).data, status=201)


def draft(sent: dict[str, Any]) -> campaigns.CriterionDraft:
    return campaigns.CriterionDraft(**sent | {"options": tuple(dict(option) for option in sent["options"])})


class CampaignOne(CampaignEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses=CampaignDetail)
    def get(self, request: Request, slug: str) -> Response:
        """Show a campaign with its rubric and counts."""
        return Response(CampaignDetail(self.campaign).data)


class State(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=StateInput, responses=CampaignDetail)
    def post(self, request: Request, slug: str) -> Response:
        """Open, pause or close a campaign."""
        body = StateInput(data=request.data)
        body.is_valid(raise_exception=True)
        MOVES[body.validated_data["action"]](campaign=self.campaign, by=self.user)
        return Response(CampaignDetail(self.campaign).data)


class Members(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}

    @extend_schema(responses=MemberOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List researchers and auditors."""
        rows = self.campaign.memberships.select_related("user").order_by("pk")
        return Response(MemberOutput(rows, many=True).data)

    @extend_schema(request=MemberInput, responses={201: MemberOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Make somebody a researcher or an auditor of this campaign."""
        body = MemberInput(data=request.data)
        body.is_valid(raise_exception=True)
        user = User.objects.filter(username=body.validated_data["username"], is_active=True).first()
        if user is None:
            raise Problem(422, "unknown_user", "Nobody has this user name. Ask an administrator for an account.")
        role = Membership.Role(body.validated_data["role"])
        campaigns.add_member(campaign=self.campaign, user=user, role=role, by=self.user)
        return Response({"username": user.username, "role": role}, status=201)
