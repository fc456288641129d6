import uuid
from dataclasses import asdict

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.api import roles
from annotation.api.endpoints import CampaignEndpoint
from annotation.api.serializers.judges import (
    EndpointInput,
    EndpointOutput,
    JudgeEstimateOutput,
    JudgeInput,
    JudgeOutput,
    JudgeRunInput,
    JudgeRunOutput,
    StartInput,
    StartOutput,
)
from annotation.models import JudgeConfig
from annotation.services import judging

ACTIONS = {"pause": judging.pause, "resume": judging.resume, "cancel": judging.cancel}


class Judges(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}

    @extend_schema(responses=JudgeOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the judges of a campaign with their requests by state."""
        rows = self.campaign.judge_configs.select_related("annotator", "endpoint").order_by("pk")
        return Response(JudgeOutput(rows, many=True).data)

    @extend_schema(request=JudgeInput, responses={201: JudgeOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Freeze a judge's configuration; any change makes another judge."""
        body = JudgeInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        settings = dict(wanted.pop("settings", {}))
        config = judging.add_judge(campaign=self.campaign, by=self.user, settings_=settings, **wanted)
        return Response(JudgeOutput(config).data, status=201)


class OneJudge(CampaignEndpoint):
    """What the endpoints of one judge share: finding it inside the campaign."""

    def judge(self, public_id: uuid.UUID) -> JudgeConfig:
        rows = self.campaign.judge_configs.select_related("annotator", "campaign", "endpoint__campaign")
        return get_object_or_404(rows, annotator__public_id=public_id)


class JudgeStart(OneJudge):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=StartInput, responses={202: StartOutput})
    def post(self, request: Request, slug: str, judge: uuid.UUID) -> Response:
        """Plan what is still open to this judge and start asking."""
        config = self.judge(judge)
        body = StartInput(data=request.data or {})
        body.is_valid(raise_exception=True)
        planned = judging.plan(config=config, by=self.user, **body.validated_data)
        jobs.start_judge(config)
        return Response(JudgeOutput(config).data | {"planned": planned}, status=202)


class JudgeRunState(OneJudge):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=JudgeRunInput, responses=JudgeRunOutput)
    def post(self, request: Request, slug: str, judge: uuid.UUID) -> Response:
        """Pause, resume or cancel the judge's last run."""
        config = self.judge(judge)
        body = JudgeRunInput(data=request.data)
        body.is_valid(raise_exception=True)
        run = config.runs.order_by("-pk").first()
        if run is None:
            raise judging.JudgeRefused("This judge has no run yet. Start one.")
        ACTIONS[body.validated_data["action"]](run=run, by=self.user)
        if body.validated_data["action"] == "resume":
            jobs.start_judge(config)
        return Response(JudgeRunOutput(run).data)


class JudgeEndpointChange(OneJudge):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=EndpointInput, responses=EndpointOutput)
    def post(self, request: Request, slug: str, judge: uuid.UUID) -> Response:
        """Change address, key or limits of the judge's endpoint; a new address forgets the key."""
        config = self.judge(judge)
        body = EndpointInput(data=request.data)
        body.is_valid(raise_exception=True)
        judging.change_endpoint(endpoint=config.endpoint, by=self.user, **body.validated_data)
        return Response(EndpointOutput(config.endpoint).data)


class JudgeEstimate(OneJudge):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses=JudgeEstimateOutput)
    def get(self, request: Request, slug: str, judge: uuid.UUID) -> Response:
        """Say what a run would take, without queueing anything."""
        return Response(JudgeEstimateOutput(asdict(judging.estimate(self.judge(judge)))).data)
