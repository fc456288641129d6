from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.campaigns import Campaign


class Enrollment(models.Model):
    """An evaluator's standing in one campaign; only QUALIFIED receives tasks."""

    class State(models.TextChoices):
        APPLIED = "applied"
        QUALIFIED = "qualified"
        SUSPENDED = "suspended"
        WITHDRAWN = "withdrawn"

    annotator = models.ForeignKey(Annotator, models.PROTECT, related_name="enrollments")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrollments")
    state = models.CharField(max_length=9, choices=State, default=State.APPLIED)
    reason = models.CharField(max_length=300, blank=True)
    # Where this person's next task is looked for: a hint that keeps them from walking past what they have done.
    pick_from = models.IntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotator", "campaign"], name="enrollment_once"),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "qualified", "suspended", "withdrawn"]), name="enrollment_state_known"
            ),
        ]
