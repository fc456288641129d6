from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign
from annotation.models.tasks import Task


class JudgeConfig(Committed):
    """The frozen configuration behind one judge; any change makes another annotator."""

    annotator = models.OneToOneField(Annotator, models.PROTECT, related_name="judge_config")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_configs")
    base_url = models.URLField(max_length=500)
    # Name of the environment variable that holds the key; the key itself is never stored.
    api_key_variable = models.CharField(max_length=100, blank=True)
    settings = models.JSONField()
    config_hash = models.CharField(max_length=64)
    # Why nothing is sent now; set when the endpoint refuses the key, cleared by starting again.
    paused_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "config_hash"], name="judge_config_once")]

    def committed_content(self) -> dict[str, Any]:
        return {"annotator": str(self.annotator.public_id), "config_hash": self.config_hash}


class JudgeRequest(models.Model):
    """One planned verdict: a task in one order for one judge; the row is the truth, the queue is a hint."""

    class State(models.TextChoices):
        QUEUED = "queued"
        LEASED = "leased"
        SUCCEEDED = "succeeded"
        INVALID = "invalid"
        REFUSED = "refused"
        FILTERED = "filtered"
        FAILED = "failed"
        DEAD = "dead"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_requests")
    config = models.ForeignKey(JudgeConfig, models.PROTECT, related_name="requests")
    task = models.ForeignKey(Task, models.PROTECT, related_name="judge_requests")
    criterion_key = models.CharField(max_length=60)
    shown_order = models.CharField(max_length=2)
    round = models.PositiveSmallIntegerField()
    idempotency_key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    sample = models.PositiveSmallIntegerField(default=0)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="judge_request_open", condition=Q(state__in=["queued", "leased"]))
        ]
        constraints = [
            models.CheckConstraint(condition=Q(shown_order__in=["ab", "ba"]), name="judge_request_order_known"),
        ]


class JudgeAttempt(models.Model):
    """One call as it went over the wire."""

    request = models.ForeignKey(JudgeRequest, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    request_body = models.BinaryField()
    response_body = models.BinaryField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    provider_request_id = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=200, blank=True)
    usage = models.JSONField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    max_tokens = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="judge_attempt_once")]
