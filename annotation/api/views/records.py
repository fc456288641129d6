from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import pages, roles
from annotation.api.endpoints import CampaignEndpoint
from annotation.api.serializers.records import AnnotatorOutput, JudgmentOutput, JudgmentQuery, TaskOutput, TaskQuery
from annotation.models import Annotator, Gold, Judgment, Task

HELD_OUT = "held_out"
ABOUT = (
    "campaign", "criterion", "annotator", "supersedes", "task__rubric", "task__prompt", "task__response_a__system",
    "task__response_b__system",
)  # fmt: skip
LONG_TEXTS = (
    "task__rubric__guide", "task__rubric__guide_html", "task__prompt__messages", "task__prompt__html",
    "task__response_a__text", "task__response_a__html", "task__response_b__text", "task__response_b__html",
)  # fmt: skip


class Tasks(CampaignEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = TaskQuery

    @extend_schema(responses=pages.of(TaskOutput))
    def get(self, request: Request, slug: str) -> Response:
        """List tasks; held-out ones never leave."""
        rows = self.campaign.tasks.exclude(split=HELD_OUT).filter(_task_filter(self.query))
        rows = rows.select_related("prompt", "response_a__system", "response_b__system")
        rows = rows.defer(*(name.removeprefix("task__") for name in LONG_TEXTS if "rubric" not in name))
        return pages.page(request, self.query, rows, _show_tasks)


class Judgments(CampaignEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = JudgmentQuery

    @extend_schema(responses=pages.of(JudgmentOutput))
    def get(self, request: Request, slug: str) -> Response:
        """List judgments in force in the order of their recording; those on held-out tasks never leave."""
        rows = self.campaign.judgments.effective().exclude(task__split=HELD_OUT).filter(**_judgment_filter(self.query))
        rows = rows.annotate(is_gold=Exists(Gold.objects.filter(task=OuterRef("task"))))
        rows = rows.select_related(*ABOUT).defer(*LONG_TEXTS)
        return pages.page(request, self.query, rows, lambda found: JudgmentOutput(found, many=True).data)


class Annotators(CampaignEndpoint):
    role_table = {"GET": roles.READERS}
    parameters = pages.PageQuery

    @extend_schema(responses=pages.of(AnnotatorOutput))
    def get(self, request: Request, slug: str) -> Response:
        """List who has judged here, people by pseudonym, with counts of their judgments in force."""
        counted = _counts(self.campaign.judgments.effective().exclude(task__split=HELD_OUT))

        def show(found: Sequence[Annotator]) -> Any:
            counts = counted(annotator__in=found)
            for annotator in found:
                annotator.n_judgments, annotator.n_tasks = counts.get(annotator.pk, (0, 0))  # type: ignore[attr-defined]
            return AnnotatorOutput(found, many=True).data

        return pages.page(request, self.query, Annotator.objects.in_campaign(self.campaign), show)


def _task_filter(query: dict[str, Any]) -> Q:
    wanted = Q()
    if "pool" in query:
        wanted &= Q(pool=query["pool"])
    if "prompt" in query:
        wanted &= Q(prompt__key=query["prompt"])
    if "tag" in query:
        wanted &= Q(tags__contains=[query["tag"]])
    if "system" in query:
        wanted &= Q(response_a__system__key=query["system"]) | Q(response_b__system__key=query["system"])
    return wanted


def _judgment_filter(query: dict[str, Any]) -> dict[str, Any]:
    lookups = {
        "annotator": "annotator__public_id",
        "criterion": "criterion__key",
        "outcome": "outcome",
        "since": "recorded_at__gte",
    }
    return {lookup: query[name] for name, lookup in lookups.items() if name in query}


def _show_tasks(found: Sequence[Task]) -> Any:
    rows = Judgment.objects.filter(task__in=found).effective().order_by().values_list("task")
    counts = dict(rows.annotate(n=Count("pk")))
    for task in found:
        task.n_judgments = counts.get(task.pk, 0)  # type: ignore[attr-defined]
    return TaskOutput(found, many=True).data


def _counts(rows: QuerySet[Judgment]) -> Any:
    def count(**which: Any) -> dict[int, tuple[int, int]]:
        counted = rows.filter(**which).order_by().values_list("annotator")
        found = counted.annotate(n_judgments=Count("pk"), n_tasks=Count("task", distinct=True))
        return {annotator: (judgments, tasks) for annotator, judgments, tasks in found}

    return count
