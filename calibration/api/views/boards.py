import uuid
from typing import Any

from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.models import Campaign
from calibration.api.serializers.runs import (
    ComparableOutput,
    PairOutput,
    PairQuery,
    PlaceOutput,
    PlaceQuery,
)
from calibration.api.views.runs import RunEndpoint
from calibration.models import Run
from calibration.services import protocol


class Pairs(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = PairQuery

    @extend_schema(responses=pages.of(PairOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List how far each two annotators agree, with intervals or the reason why it is undefined."""
        rows = self.run.pairs.filter(_pair_filter(self.query)).select_related("criterion", "first", "second")
        return pages.page(request, self.query, rows, lambda found: PairOutput(found, many=True).data)


class Leaderboard(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = PlaceQuery

    @extend_schema(responses=pages.of(PlaceOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List the systems by component and place, with the distribution of their ranks and votes to flip."""
        rows = self.run.standings.select_related("criterion", "system", "flips_with")
        if "criterion" in self.query:
            rows = rows.filter(criterion__key=self.query["criterion"])
        return pages.page(request, self.query, rows, lambda found: PlaceOutput(found, many=True).data)


class Comparable(RunEndpoint):
    role_table = {"GET": roles.READERS}

    @extend_schema(responses=ComparableOutput)
    def get(self, request: Request, public_id: uuid.UUID, other: uuid.UUID) -> Response:
        """Say whether the leaderboards of two runs may be put side by side, and if not, why."""
        readable = Run.objects.filter(campaign__in=Campaign.objects.readable_by(self.user))
        beside = readable.filter(public_id=other).first()
        if beside is None:
            raise Http404
        found = protocol.comparable(self.run.figures.get("protocol", {}), beside.figures.get("protocol", {}))
        return Response(ComparableOutput(found).data)


def _pair_filter(query: dict[str, Any]) -> Q:
    wanted = Q()
    if "criterion" in query:
        wanted &= Q(criterion__key=query["criterion"])
    if "annotator" in query:
        wanted &= Q(first__public_id=query["annotator"]) | Q(second__public_id=query["annotator"])
    return wanted
