from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign
from annotation.models.tasks import Task


class Consent(Committed):
    """One version of what evaluators agree to; an edit makes the next version."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="consents")
    version = models.PositiveIntegerField()
    text = models.TextField(max_length=20_000)
    html = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "version"], name="consent_version_once")]

    def committed_content(self) -> dict[str, Any]:
        return {"campaign": str(self.campaign.public_id), "version": self.version, "sha256": self.sha256}


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
    # What they agreed to when they applied.
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="enrollments")
    takes_warned = models.BooleanField(default=True)
    # Voluntary: whom they speak for, from the campaign's coarse list; what they read; what they are versed in.
    group = models.CharField(max_length=60, blank=True)
    languages = ArrayField(models.CharField(max_length=35), default=list)
    expertise = ArrayField(models.CharField(max_length=60), default=list)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotator", "campaign"], name="enrollment_once"),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "qualified", "suspended", "withdrawn"]), name="enrollment_state_known"
            ),
        ]


class Qualification(Committed):
    """One attempt at the test that an applicant takes on tasks with a known answer; the second is the last.

    Number 0 is the training before it: each answer is explained at once, and nothing depends on how many are right.
    """

    class State(models.TextChoices):
        OPEN = "open"
        PASSED = "passed"
        FAILED = "failed"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="qualifications")
    number = models.PositiveSmallIntegerField()
    # As they stood when the attempt began: a later change of the line does not move it under somebody's feet.
    size = models.PositiveSmallIntegerField()
    line = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "number"], name="qualification_attempt_once"),
            models.CheckConstraint(condition=Q(number__in=[0, 1, 2]), name="qualification_one_retake"),
            models.CheckConstraint(
                condition=Q(line__gte=1, line__lte=F("size")), name="qualification_line_within_size"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "passed", "failed"]), name="qualification_state_known"
            ),
        ]

    def committed_content(self) -> dict[str, Any]:
        return {
            "annotator": str(self.enrollment.annotator.public_id),
            "campaign": str(self.enrollment.campaign.public_id),
            "number": self.number,
            "size": self.size,
            "line": self.line,
            "state": self.state,
        }


class QualificationAnswer(Committed):
    """One task of an attempt and its answer; it is no judgment and enters no statistic."""

    qualification = models.ForeignKey(Qualification, models.PROTECT, related_name="answers")
    place = models.PositiveSmallIntegerField()
    task = models.ForeignKey(Task, models.PROTECT, related_name="qualification_answers")
    shown_order = models.CharField(max_length=2)
    outcome = models.CharField(max_length=8, blank=True)
    known_outcome = models.CharField(max_length=8, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["qualification", "place"], name="qualification_place_once"),
            models.UniqueConstraint(fields=["qualification", "task"], name="qualification_task_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "a", "b", "tie", "both_bad"]), name="qualification_outcome_known"
            ),
        ]

    @property
    def is_right(self) -> bool:
        return bool(self.outcome) and self.outcome == self.known_outcome

    def committed_content(self) -> dict[str, Any]:
        return {
            "task": str(self.task.public_id),
            "place": self.place,
            "shown_order": self.shown_order,
            "outcome": self.outcome,
            "known_outcome": self.known_outcome,
        }
