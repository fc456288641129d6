import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint
from annotation.api.problems import Problem
from annotation.models import Campaign
from calibration import jobs
from calibration.api.serializers.runs import (
    AgreementOutput,
    EstimateOutput,
    EstimateQuery,
    PlanOutput,
    PlanQuery,
    RunInput,
    RunOutput,
)
from calibration.models import Run
from calibration.services import planning, runs


class Runs(CampaignEndpoint):
    role_table = {"GET": roles.READERS, "POST": roles.RESEARCHERS}
    parameters = pages.PageQuery

    @extend_schema(responses=pages.of(RunOutput))
    def get(self, request: Request, slug: str) -> Response:
        """List calibration runs, the newest first."""
        rows = self.campaign.runs.select_related("campaign").defer("figures", "settings")
        return pages.page(request, self.query, rows, lambda found: RunOutput(found, many=True).data, newest_first=True)

    @extend_schema(request=RunInput, responses={202: RunOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Queue a run, or join the one under way; a seed given again makes the same figures again."""
        body = RunInput(data=request.data)
        body.is_valid(raise_exception=True)
        run = runs.request(campaign=self.campaign, by=self.user, **body.validated_data)
        jobs.calibrate.delay_on_commit(run_id=run.pk)
        address = reverse("api-run", args=[run.public_id])
        return Response(RunOutput(run).data, status=202, headers={"Location": address})


class Planning(CampaignEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = PlanQuery

    @extend_schema(responses=PlanOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Say how many judgments a pair of systems gets, and how many an interval of a given width needs."""
        found = planning.plan(self.campaign, target_width=self.query["width"])
        if found is None:
            raise Problem(409, "nothing_to_plan", "The campaign has no tasks yet. Import some first.")
        return Response(PlanOutput(found).data)


class RunEndpoint(CampaignEndpoint):
    """An address about one run; the run's campaign decides who may see it."""

    run: Run

    def find_campaign(self, **kwargs: Any) -> Campaign:
        rows = Run.objects.select_related("campaign").defer("figures", "settings")
        found = rows.filter(public_id=kwargs["public_id"]).first()
        if found is None:
            raise Http404
        self.run = found
        return found.campaign


class RunOne(RunEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses=RunOutput)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Show a run: its progress while it lasts, then its diagnostics and recipe."""
        return Response(RunOutput(self.run).data)


class RunCancel(RunEndpoint):
    role_table = {"POST": roles.RESEARCHERS}

    @extend_schema(request=None, responses={202: RunOutput})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask a run to stop at its next step."""
        runs.cancel(run=self.run, by=self.user)
        return Response(RunOutput(Run.objects.select_related("campaign").get(pk=self.run.pk)).data, status=202)


class Estimates(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = EstimateQuery

    @extend_schema(responses=pages.of(EstimateOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List the run's estimates, each with interval and n."""
        rows = self.run.estimates.filter(**_estimate_filter(self.query))
        rows = rows.select_related("criterion", "system", "against", "annotator")
        return pages.page(request, self.query, rows, lambda found: EstimateOutput(found, many=True).data)


class AgreementOfRun(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = pages.PageQuery

    @extend_schema(responses=pages.of(AgreementOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List the run's agreement statistics, each with its interval or the reason why it is undefined."""
        rows = self.run.agreements.select_related("criterion")
        return pages.page(request, self.query, rows, lambda found: AgreementOutput(found, many=True).data)


def _estimate_filter(query: dict[str, Any]) -> dict[str, Any]:
    lookups = {
        "quantity": "quantity",
        "criterion": "criterion__key",
        "system": "system__key",
        "annotator": "annotator__public_id",
    }
    return {lookup: query[name] for name, lookup in lookups.items() if name in query}
