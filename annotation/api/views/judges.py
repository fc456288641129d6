import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.api import roles
from annotation.api.endpoints import CampaignEndpoint
from annotation.api.serializers.judges import JudgeInput, JudgeOutput, StartOutput
from annotation.permissions import check_is_admin
from annotation.services import judging


class Judges(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}

    @extend_schema(responses=JudgeOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the judges of a campaign with their requests by state."""
        rows = self.campaign.judge_configs.select_related("annotator").order_by("pk")
        return Response(JudgeOutput(rows, many=True).data)

    @extend_schema(request=JudgeInput, responses={201: JudgeOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Freeze a judge's configuration; any change makes another judge."""
        body = JudgeInput(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        if wanted["api_key_variable"]:
            check_is_admin(self.user)
        settings = dict(wanted.pop("settings", {}))
        config = judging.add_judge(campaign=self.campaign, by=self.user, settings_=settings, **wanted)
        return Response(JudgeOutput(config).data, status=201)


class JudgeStart(CampaignEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=None, responses={202: StartOutput})
    def post(self, request: Request, slug: str, judge: uuid.UUID) -> Response:
        """Plan what is still open to this judge and start asking."""
        rows = self.campaign.judge_configs.select_related("annotator", "campaign")
        config = get_object_or_404(rows, annotator__public_id=judge)
        planned = judging.plan(config=config, by=self.user)
        jobs.judge.delay_on_commit(config_id=config.pk)
        return Response(JudgeOutput(config).data | {"planned": planned}, status=202)
