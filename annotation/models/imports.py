import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign
from annotation.models.users import User


class Import(Committed):
    """One file brought in: all of it or nothing, with its provenance and every problem found."""

    class State(models.TextChoices):
        PREVIEWED = "previewed"
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="imports")
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="imports")
    format = models.CharField(max_length=20)
    source_name = models.CharField(max_length=100)
    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    # Only checked until somebody who has seen the preview commits it.
    is_commit = models.BooleanField(default=False)
    pairs_per_prompt = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    # The first tasks, rendered as an evaluator will see them.
    samples = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    error_total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "format", "sha256"], condition=Q(state="done"), name="import_same_file_once"
            )
        ]

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.PREVIEWED, self.State.DONE, self.State.FAILED}

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id),
            "format": self.format,
            "source_name": self.source_name,
            "sha256": self.sha256,
            "state": self.state,
        }
