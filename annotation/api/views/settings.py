"""How a campaign vets and collects: what the pages of vetting, rubric and collection do."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import roles
from annotation.api.endpoints import CampaignEndpoint
from annotation.api.serializers.settings import (
    ConsentInput,
    ConsentOutput,
    GoldInput,
    GoldOutput,
    LimitsInput,
    LimitsOutput,
    RubricInput,
    RubricLocked,
    VettingInput,
    VettingOutput,
)
from annotation.api.views.campaigns import draft
from annotation.models import Campaign
from annotation.services import amending, campaigns, golds, passing, vetting


class Vetting(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}

    @extend_schema(responses=VettingOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Show the test, its line, and who passes it how often."""
        return Response(_vetting(self.campaign))

    @extend_schema(request=VettingInput, responses=VettingOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Set the test, the training, and the share of known answers in the stream."""
        sent = _valid(VettingInput, request)
        sent.setdefault("line", passing.suggested_line(sent["size"]) if sent["size"] else 0)
        vetting.set_test(campaign=self.campaign, by=self.user, **sent)
        return Response(_vetting(self.campaign))


def _vetting(campaign: Campaign) -> Any:
    campaign.curve = golds.curve(campaign)  # type: ignore[attr-defined]
    return VettingOutput(campaign).data


class Limits(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}

    @extend_schema(responses=LimitsOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Show how much one person may answer, and until when."""
        return Response(LimitsOutput(self.campaign).data)

    @extend_schema(request=LimitsInput, responses=LimitsOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Set all limits; they are in force from the next task on."""
        campaigns.set_limits(campaign=self.campaign, by=self.user, **_valid(LimitsInput, request))
        return Response(LimitsOutput(self.campaign).data)


class Consents(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=ConsentInput, responses={201: ConsentOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Lock the next version of what evaluators agree to."""
        made = vetting.lock_consent(campaign=self.campaign, by=self.user, **_valid(ConsentInput, request))
        return Response(ConsentOutput(made).data, status=201)


class Rubrics(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=RubricInput, responses={201: RubricLocked})
    def post(self, request: Request, slug: str) -> Response:
        """Lock the next version of the rubric; tasks that somebody has opened keep theirs."""
        sent = _valid(RubricInput, request)
        criteria = [draft(criterion) for criterion in sent["criteria"]]
        made, moved = amending.amend(campaign=self.campaign, guide=sent["guide"], criteria=criteria, by=self.user)
        shown = {"version": made.version, "sha256": made.sha256, "tasks_moved": moved}
        return Response(RubricLocked(shown).data, status=201)


class Golds(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=GoldInput, responses=GoldOutput)
    def post(self, request: Request, slug: str, task: uuid.UUID) -> Response:
        """Give a comparison its known answer with the reason, or correct it."""
        found = get_object_or_404(self.campaign.tasks.select_related("campaign"), public_id=task)
        return Response(GoldOutput(golds.set_answer(task=found, by=self.user, **_valid(GoldInput, request))).data)


def _valid(kind: Any, request: Request) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
