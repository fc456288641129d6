"""Tasks, judgments and annotators as researchers and auditors read them; no gold answer, no held-out task."""

import uuid

from rest_framework import serializers

from annotation.api.pages import PageQuery
from annotation.models import Annotator, Judgment, Task

POOLS = ["regular", "edge", "adversarial", "out-of-distribution", "gold", "canary"]


class TaskQuery(PageQuery):
    pool = serializers.ChoiceField(choices=POOLS, required=False)
    prompt = serializers.CharField(max_length=200, required=False, help_text="Id of a prompt.")
    system = serializers.CharField(max_length=200, required=False, help_text="Id of a system, at either place.")
    tag = serializers.CharField(max_length=100, required=False)


class TaskOutput(serializers.ModelSerializer[Task]):
    id = serializers.UUIDField(source="public_id")
    prompt_id = serializers.CharField(source="prompt.key")
    system_a = serializers.CharField(source="response_a.system.key")
    response_a_id = serializers.CharField(source="response_a.key")
    system_b = serializers.CharField(source="response_b.system.key", allow_null=True)
    response_b_id = serializers.CharField(source="response_b.key", allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    has_text = serializers.BooleanField(source="is_servable")
    n_judgments = serializers.IntegerField(help_text="Judgments in force, all annotators, rounds and criteria.")

    class Meta:
        model = Task
        fields = [
            "id", "task_type", "prompt_id", "system_a", "response_a_id", "system_b", "response_b_id", "pool", "tags",
            "split", "content_warning", "has_text", "snapshot_sha256", "n_judgments", "created_at",
        ]  # fmt: skip


class JudgmentQuery(PageQuery):
    annotator = serializers.UUIDField(required=False)
    criterion = serializers.SlugField(max_length=60, required=False)
    outcome = serializers.ChoiceField(choices=Judgment.Outcome.choices, required=False)
    since = serializers.DateTimeField(required=False, help_text="Recorded at or after this moment, RFC 3339.")


class JudgmentOutput(serializers.ModelSerializer[Judgment]):
    """A record of `judgment/1` with exact times and the record's own ids."""

    judgment_id = serializers.UUIDField(source="public_id")
    campaign_id = serializers.UUIDField(source="campaign.public_id")
    task_id = serializers.UUIDField(source="task.public_id")
    task_type = serializers.CharField(source="task.task_type")
    task_snapshot_sha256 = serializers.CharField(source="task.snapshot_sha256")
    criterion = serializers.CharField(source="criterion.key")
    rubric_sha256 = serializers.CharField(source="task.rubric.sha256")
    annotator_id = serializers.UUIDField(source="annotator.public_id")
    annotator_kind = serializers.CharField(source="annotator.kind")
    annotator_version = serializers.CharField(source="annotator.version")
    prompt_id = serializers.CharField(source="task.prompt.key")
    system_a = serializers.CharField(source="task.response_a.system.key")
    response_a_id = serializers.CharField(source="task.response_a.key")
    system_b = serializers.CharField(source="task.response_b.system.key", allow_null=True)
    response_b_id = serializers.CharField(source="task.response_b.key", allow_null=True)
    is_gold = serializers.BooleanField()
    split = serializers.CharField(source="task.split")
    flags = serializers.ListField(child=serializers.CharField())
    score = serializers.IntegerField(source="rating", allow_null=True)
    score_max = serializers.SerializerMethodField()
    labels = serializers.DictField(child=serializers.IntegerField(allow_null=True), allow_null=True)
    supersedes = serializers.SerializerMethodField()

    class Meta:
        model = Judgment
        fields = [
            "judgment_id", "campaign_id", "task_id", "task_type", "task_snapshot_sha256", "criterion",
            "rubric_sha256", "annotator_id", "annotator_kind", "annotator_version", "prompt_id", "system_a",
            "response_a_id", "system_b", "response_b_id", "shown_order", "outcome", "strength", "score", "score_max",
            "labels", "round", "rationale", "started_at", "submitted_at", "active_ms", "is_gold", "cluster_id", "split",
            "provenance", "revision", "supersedes", "flags", "extra",
        ]  # fmt: skip

    def get_score_max(self, judgment: Judgment) -> int | None:
        return len(judgment.criterion.options) if judgment.rating is not None else None

    def get_supersedes(self, judgment: Judgment) -> uuid.UUID | None:
        return judgment.supersedes.public_id if judgment.supersedes else None


class AnnotatorOutput(serializers.ModelSerializer[Annotator]):
    id = serializers.UUIDField(source="public_id")
    n_judgments = serializers.IntegerField()
    n_tasks = serializers.IntegerField()

    class Meta:
        model = Annotator
        fields = ["id", "kind", "name", "family", "group", "version", "n_judgments", "n_tasks"]
