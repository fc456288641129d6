from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.models.audit import Committed
from annotation.models.judgments import Judgment
from annotation.models.users import User
from annotation.models.vetting import Enrollment


class Appeal(Committed):
    """What a person says against their standing, and what a researcher answers; one at a time."""

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        DECLINED = "declined"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="appeals")
    text = models.TextField(max_length=2_000)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True, max_length=2_000)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment"], condition=Q(state="open"), name="appeal_one_open"),
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True)
                | Q(state__in=["upheld", "declined"], decided_by__isnull=False),
                name="appeal_decided_by_somebody",
            ),
        ]

    def committed_content(self) -> dict[str, Any]:
        about = self.enrollment
        return {
            "annotator": str(about.annotator.public_id),
            "campaign": str(about.campaign.public_id),
            "text": self.text,
            "state": self.state,
            "answer": self.answer,
        }


class Review(Committed):
    """A researcher has looked at the flags and the comment that came with an answer; the answer stays as it is."""

    judgment = models.OneToOneField(Judgment, models.PROTECT, related_name="review")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def committed_content(self) -> dict[str, Any]:
        return {"judgment": str(self.judgment.public_id), "by": str(self.by.public_id)}
