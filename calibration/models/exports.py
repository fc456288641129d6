import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models import Campaign, User
from annotation.models.audit import Committed
from calibration.models.runs import Run


class Export(Committed):
    """One release: immutable files and their manifest, built from one passed run."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="exports")
    run = models.ForeignKey(Run, models.PROTECT, related_name="exports")
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="exports")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    # A random string of the caller's: the same one asks for the same release.
    idempotency_key = models.CharField(max_length=100, blank=True, default="")
    options = models.JSONField(default=dict)
    stage = models.CharField(max_length=60, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    manifest = models.JSONField(null=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    archive = models.CharField(max_length=300, blank=True)
    archive_sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveBigIntegerField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["campaign", "-id"], name="export_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(manifest_sha256=""), name="export_done_has_manifest"
            ),
            models.UniqueConstraint(
                fields=["requested_by", "idempotency_key"], condition=~Q(idempotency_key=""), name="export_key_once"
            ),
        ]

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id),
            "campaign": str(self.campaign.public_id),
            "run": str(self.run.public_id),
            "state": self.state,
            "manifest_sha256": self.manifest_sha256,
        }
