import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from calibration.api.serializers.labels import (
    ClassShareOutput,
    ItemClassOutput,
    ItemClassQuery,
    LabelAccuracyOutput,
    LabelQuery,
    ShareDifferenceOutput,
)
from calibration.api.views.runs import RunEndpoint
from calibration.models import ClassShare, ItemClass, LabelAccuracy, ShareDifference


class Classes(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = ItemClassQuery

    @extend_schema(responses=pages.of(ItemClassOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List what each task is: the chance of every class of every question; held-out tasks are not served."""
        rows = ItemClass.objects.filter(run=self.run, **_asked(self.query)).exclude(task__split="held_out")
        rows = rows.select_related("criterion", "task")
        if (contested := self.query.get("contested")) is not None:
            rows = rows.filter(is_contested=contested)
        return pages.page(request, self.query, rows, lambda found: ItemClassOutput(found, many=True).data)


class Prevalence(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = LabelQuery

    @extend_schema(responses=pages.of(ClassShareOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List how often each class occurs, by system and pool, annotators' errors taken out."""
        rows = ClassShare.objects.filter(run=self.run, **_asked(self.query)).select_related("criterion", "system")
        return pages.page(request, self.query, rows, lambda found: ClassShareOutput(found, many=True).data)


class Differences(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = LabelQuery

    @extend_schema(responses=pages.of(ShareDifferenceOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List how much more often a class occurs with one system than with another."""
        rows = ShareDifference.objects.filter(run=self.run, **_asked(self.query))
        rows = rows.select_related("criterion", "first", "second")
        return pages.page(request, self.query, rows, lambda found: ShareDifferenceOutput(found, many=True).data)


class Accuracies(RunEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = LabelQuery

    @extend_schema(responses=pages.of(LabelAccuracyOutput))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """List how often each annotator names the class of a task, and what it says when it does not."""
        rows = LabelAccuracy.objects.filter(run=self.run, **_asked(self.query))
        rows = rows.select_related("criterion", "annotator")
        return pages.page(request, self.query, rows, lambda found: LabelAccuracyOutput(found, many=True).data)


def _asked(query: dict[str, Any]) -> dict[str, Any]:
    lookups = {"criterion": "criterion__key", "option": "option"}
    return {lookup: query[name] for name, lookup in lookups.items() if name in query}
