from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign
from annotation.models.users import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Keep links that nobody has used and that have not run out by the database's clock."""
        return self.filter(accepted_by__isnull=True, expires_at__gt=Now())


class Invitation(Committed):
    """A link that lets one person in, once; only the digest of its secret is stored."""

    class Role(models.TextChoices):
        EVALUATOR = "evaluator"
        RESEARCHER = "researcher"
        AUDITOR = "auditor"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role)
    note = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="invitations")
    accepted_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["evaluator", "researcher", "auditor"]), name="invitation_role_known"
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_by__isnull=False, accepted_at__lte=F("expires_at")),
                name="invitation_used_in_time",
            ),
        ]

    def committed_content(self) -> dict[str, Any]:
        return {
            "campaign": str(self.campaign.public_id),
            "role": self.role,
            "sha256": self.sha256,
            "accepted_by": str(self.accepted_by.public_id) if self.accepted_by else None,
        }
