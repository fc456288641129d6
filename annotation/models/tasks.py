import secrets
import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign, Rubric


def random_key() -> int:
    return secrets.randbelow(2**31)


class Prompt(models.Model):
    """What the systems were asked: one message or a conversation; empty where the source has no text."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="prompts")
    key = models.CharField(max_length=200)
    messages = models.JSONField(default=list)
    html = models.TextField(blank=True)
    language = models.CharField(max_length=35, blank=True)
    sha256 = models.CharField(max_length=64)
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="prompt_key_once")]


class System(models.Model):
    """The model or variant that produced responses; its name never reaches an evaluator."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="systems")
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=100, blank=True)
    generation = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="system_key_once")]

    def __str__(self) -> str:
        return self.name


class Response(models.Model):
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="responses")
    system = models.ForeignKey(System, models.PROTECT, related_name="responses")
    key = models.CharField(max_length=200, blank=True)
    # Null where the source gives only votes.
    text = models.TextField(null=True)
    html = models.TextField(blank=True)
    renderer = models.CharField(max_length=120, blank=True)
    length = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    flags = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "system", "key"], name="response_key_once"),
            models.UniqueConstraint(fields=["id", "prompt"], name="response_of_its_prompt"),
        ]


class TaskQuerySet(models.QuerySet["Task"]):
    def servable(self) -> "TaskQuerySet":
        """Keep tasks whose texts are in the record, so that a person can judge them."""
        has_b = Q(response_b__isnull=True) | Q(response_b__text__isnull=False)
        return self.filter(has_b, response_a__text__isnull=False)


class Task(Committed):
    """One thing to judge. Responses stand in canonical order: a has the smaller (system key, response key)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="tasks")
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="tasks")
    task_type = models.CharField(max_length=20, choices=Campaign.TaskType, default=Campaign.TaskType.COMPARISON)
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="tasks")
    response_a = models.ForeignKey(Response, models.PROTECT, related_name="tasks_as_a")
    # Null where one response is judged by itself.
    response_b = models.ForeignKey(Response, models.PROTECT, null=True, related_name="tasks_as_b")
    # "system key U+001F response key", held here so that the database itself can refuse a wrong order.
    order_key_a = models.CharField(max_length=401)
    order_key_b = models.CharField(max_length=401, null=True)
    pool = models.CharField(max_length=20, default="regular")
    tags = ArrayField(models.CharField(max_length=100), default=list)
    split = models.CharField(max_length=10, default="train")
    content_warning = models.CharField(max_length=100, blank=True)
    snapshot_sha256 = models.CharField(max_length=64)
    is_servable = models.BooleanField(default=True)
    # A hint for picking; quotas are decided by counting rows under the row's lock.
    is_open = models.BooleanField(default=True)
    shuffle_key = models.IntegerField(default=random_key)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["campaign", "shuffle_key"], name="task_pick", condition=Q(is_open=True, is_servable=True)
            ),
            models.Index(fields=["campaign", "shuffle_key"], name="task_gold", condition=Q(pool="gold")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["response_a", "response_b", "rubric"], name="task_pair_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(task_type="comparison", response_b__isnull=False, order_key_b__isnull=False)
                | Q(task_type__in=["rating", "labeling"], response_b__isnull=True, order_key_b__isnull=True),
                name="task_shows_what_its_type_says",
            ),
            models.CheckConstraint(condition=~Q(response_a=F("response_b")), name="task_two_responses"),
            models.CheckConstraint(
                condition=Q(pool__in=["regular", "edge", "adversarial", "out-of-distribution", "gold", "canary"]),
                name="task_pool_known",
            ),
            models.CheckConstraint(
                condition=Q(split__in=["train", "validation", "test", "held_out"]), name="task_split_known"
            ),
        ]

    def committed_content(self) -> dict[str, Any]:
        return {"public_id": str(self.public_id), "snapshot_sha256": self.snapshot_sha256, "pool": self.pool}


class Gold(Committed):
    """The known answer of a task, in canonical order; it never reaches an evaluator before the answer."""

    task = models.OneToOneField(Task, models.PROTECT, related_name="gold")
    outcome = models.CharField(max_length=8)
    justification = models.TextField(max_length=5_000)
    created_by = models.ForeignKey(Annotator, models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["a", "b", "tie", "both_bad"]), name="gold_outcome_known")
        ]

    def committed_content(self) -> dict[str, Any]:
        return {"task": str(self.task.public_id), "outcome": self.outcome, "justification": self.justification}
