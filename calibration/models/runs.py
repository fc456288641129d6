import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models import Campaign, User
from annotation.models.audit import Committed


class RunQuerySet(models.QuerySet["Run"]):
    def passed(self) -> "RunQuerySet":
        return self.filter(state=Run.State.PASSED)

    def unfinished(self) -> "RunQuerySet":
        return self.filter(state__in=[Run.State.QUEUED, Run.State.RUNNING])


class Run(Committed):
    """One calibration run: data snapshot, code and seed in; estimates and their diagnostics out."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PASSED = "passed"
        NOT_CONVERGED = "not_converged"
        FAILED = "failed"
        CANCELLED = "cancelled"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="runs")
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="runs")
    state = models.CharField(max_length=13, choices=State, default=State.QUEUED)
    # What the figures follow from: the last judgment seen, the settings, the seed.
    last_judgment_id = models.BigIntegerField(null=True)
    settings = models.JSONField(default=dict)
    seed = models.BigIntegerField()
    data_sha256 = models.CharField(max_length=64, blank=True)
    code_version = models.CharField(max_length=64, blank=True)
    versions = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    headline = models.CharField(max_length=500, blank=True)
    # Progress: the queue never holds truth.
    stage = models.CharField(max_length=60, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    eta_seconds = models.PositiveIntegerField(null=True)
    divergences = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    alive_at = models.DateTimeField(null=True)
    diagnostics = models.JSONField(default=dict)
    adequacy = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["campaign", "-id"], name="run_newest")]
        constraints = [
            # One fit at a time for a campaign: a second request joins the one under way.
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state__in=["queued", "running"]), name="run_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="run_percent_range"),
        ]

    @property
    def is_finished(self) -> bool:
        return self.state not in {self.State.QUEUED, self.State.RUNNING}

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id),
            "campaign": str(self.campaign.public_id),
            "state": self.state,
            "seed": str(self.seed),
            "data_sha256": self.data_sha256,
            "code_version": self.code_version,
        }
