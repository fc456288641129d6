import secrets
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign
from annotation.models.tasks import Response, Task


def opaque_id() -> str:
    return secrets.token_urlsafe(16)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def held(self) -> "AssignmentQuerySet":
        """Keep leases that still run by the database's clock."""
        return self.filter(state=Assignment.State.LEASED, expires_at__gt=Now())


class Assignment(Committed):
    """A task given to an annotator: shown order, lease, state. Its public id says nothing and repeats for nobody."""

    class State(models.TextChoices):
        LEASED = "leased"
        SUBMITTED = "submitted"
        SKIPPED = "skipped"
        EXPIRED = "expired"
        REVOKED = "revoked"

    public_id = models.CharField(max_length=22, default=opaque_id, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="assignments")
    task = models.ForeignKey(Task, models.PROTECT, related_name="assignments")
    annotator = models.ForeignKey(Annotator, models.PROTECT, related_name="assignments")
    round = models.PositiveSmallIntegerField(default=0)
    shown_order = models.CharField(max_length=2)
    state = models.CharField(max_length=9, choices=State, default=State.LEASED)
    reason = models.CharField(max_length=300, blank=True)
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    # What its person has filled in and not sent, as a form; no part of the record.
    draft = models.TextField(blank=True, max_length=30_000)
    draft_revision = models.PositiveIntegerField(default=0)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["annotator", "campaign"], name="assignment_held", condition=Q(state="leased")),
            models.Index(fields=["expires_at"], name="assignment_expiry", condition=Q(state="leased")),
            models.Index(
                fields=["annotator", "campaign", "submitted_at"],
                name="assignment_answered",
                condition=Q(state="submitted"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["task", "annotator", "round"], name="assignment_once_per_round"),
            models.CheckConstraint(condition=Q(shown_order__in=["ab", "ba"]), name="assignment_order_known"),
            models.CheckConstraint(
                condition=Q(state__in=["leased", "submitted", "skipped", "expired", "revoked"]),
                name="assignment_state_known",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("leased_at")), name="assignment_lease_runs_forward"),
        ]

    @property
    def shown_responses(self) -> list[Response]:
        """Return the task's responses as this annotator sees them, from left to right."""
        found = [response for response in (self.task.response_a, self.task.response_b) if response]
        return found[::-1] if self.shown_order == "ba" else found

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": self.public_id,
            "task": str(self.task.public_id),
            "annotator": str(self.annotator.public_id),
            "round": self.round,
            "shown_order": self.shown_order,
            "state": self.state,
        }
