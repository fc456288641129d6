import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotation.models.audit import Committed, new_salt
from annotation.models.users import User


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def readable_by(self, user: User) -> "CampaignQuerySet":
        if user.is_admin:
            return self
        return self.filter(memberships__user=user).distinct()


class Campaign(Committed):
    """One collection effort: rubric, tasks, overlap, lease and stopping rule."""

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"

    class TaskType(models.TextChoices):
        COMPARISON = "comparison"
        RATING = "rating"
        LABELING = "labeling"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    task_type = models.CharField(max_length=20, choices=TaskType, default=TaskType.COMPARISON)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    overlap = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1), MaxValueValidator(100)])
    judge_overlap = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(100)])
    lease_minutes = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1)])
    daily_goal = models.PositiveSmallIntegerField(default=40, validators=[MinValueValidator(1)])
    # Tasks with a known answer that applicants judge first, and how many must be right; 0: no test.
    qualification_size = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(200)])
    qualification_line = models.PositiveSmallIntegerField(default=0)
    # Tasks whose known answer is explained at once, before the test; 0: no training.
    training_size = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(50)])
    # What applicants may say of themselves: whom they speak for, and in which fields they are versed.
    groups = ArrayField(models.CharField(max_length=60), default=list)
    fields_of_expertise = ArrayField(models.CharField(max_length=60), default=list)
    # Of a hundred tasks that an evaluator gets, how many have a known answer.
    gold_percent = models.PositiveSmallIntegerField(default=10, validators=[MaxValueValidator(50)])
    # Of a hundred tasks, how many come a second time after many others: they measure a person against themselves.
    repeat_percent = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(20)])
    # How many tasks one person may answer in a day and in all; 0: as many as there are.
    daily_cap = models.PositiveIntegerField(default=0)
    total_cap = models.PositiveIntegerField(default=0)
    # After it no task is given out; one that is open may still be answered.
    deadline = models.DateTimeField(null=True)
    # Key of the side order: nobody outside the server can foresee which response is shown left.
    seed = models.BinaryField(default=new_salt, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(overlap__gte=1), name="campaign_overlap_positive"),
            models.CheckConstraint(
                condition=Q(qualification_size=0, qualification_line=0)
                | Q(qualification_line__gte=1, qualification_line__lte=F("qualification_size")),
                name="campaign_line_within_test",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "open", "paused", "closed"]), name="campaign_state_known"
            ),
            models.CheckConstraint(
                condition=Q(task_type__in=["comparison", "rating", "labeling"]), name="campaign_task_type_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rubric(self) -> "Rubric":
        return self.rubrics.order_by("-version").first() or Rubric(campaign=self, version=0)

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id),
            "slug": self.slug,
            "name": self.name,
            "task_type": self.task_type,
            "state": self.state,
            "overlap": self.overlap,
            "judge_overlap": self.judge_overlap,
            "lease_minutes": self.lease_minutes,
        }


class Membership(models.Model):
    """A login's role on the research side of one campaign; evaluators have an enrollment instead."""

    class Role(models.TextChoices):
        RESEARCHER = "researcher"
        AUDITOR = "auditor"

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "campaign"], name="membership_one_role_per_campaign"),
            models.CheckConstraint(condition=Q(role__in=["researcher", "auditor"]), name="membership_role_known"),
        ]


class Rubric(Committed):
    """One immutable version of a campaign's instructions; an edit makes the next version."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="rubrics")
    version = models.PositiveIntegerField()
    guide = models.TextField(max_length=100_000, blank=True)
    guide_html = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "version"], name="rubric_version_once")]

    def committed_content(self) -> dict[str, Any]:
        return {"campaign": str(self.campaign.public_id), "version": self.version, "sha256": self.sha256}


class Criterion(models.Model):
    """One question of a rubric with its scale."""

    class Scale(models.TextChoices):
        COMPARISON = "comparison"
        RATING = "rating"
        LABELS = "labels"

    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="criteria")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=100)
    question = models.CharField(max_length=300, blank=True)
    scale = models.CharField(max_length=10, choices=Scale, default=Scale.COMPARISON)
    # Levels of the comparison scale: 3 is left, tie, right.
    levels = models.PositiveSmallIntegerField(default=3)
    # Anchors of a rating from low to high, or the labels: key, name, and what it says.
    options = models.JSONField(default=list)
    takes_several = models.BooleanField(default=False)
    asks_severity = models.BooleanField(default=False)
    allow_tie = models.BooleanField(default=True)
    allow_both_bad = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rubric", "key"], name="criterion_key_once"),
            models.CheckConstraint(condition=Q(levels__in=[3, 5, 7]), name="criterion_levels_known"),
            models.CheckConstraint(
                condition=Q(scale__in=["comparison", "rating", "labels"]), name="criterion_scale_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
