import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from annotation.models.annotators import Annotator
from annotation.models.assignments import Assignment
from annotation.models.audit import Committed
from annotation.models.campaigns import Campaign, Criterion
from annotation.models.imports import Import
from annotation.models.tasks import Task


class JudgmentQuerySet(models.QuerySet["Judgment"]):
    def effective(self) -> "JudgmentQuerySet":
        """Keep the last row of each chain, unless that row takes the answer back."""
        later = Judgment.objects.filter(supersedes=OuterRef("pk"))
        return self.filter(~Exists(later), is_retraction=False)

    def by_people(self) -> "JudgmentQuerySet":
        return self.filter(annotator__kind=Annotator.Kind.HUMAN)

    def first_round(self) -> "JudgmentQuerySet":
        return self.filter(round=0)

    def verdicts(self) -> "JudgmentQuerySet":
        """Keep answers to the task; abstained, refused, filtered, invalid and failed ones are counted elsewhere."""
        return self.filter(outcome__in=Judgment.VERDICTS)


class Judgment(Committed):
    """One append-only answer, stored against the canonical responses; a correction is a new row that supersedes."""

    class Outcome(models.TextChoices):
        A = "a"
        B = "b"
        TIE = "tie"
        BOTH_BAD = "both_bad"
        RATED = "rated"
        LABELED = "labeled"
        ABSTAIN = "abstain"
        REFUSED = "refused"
        FILTERED = "filtered"
        INVALID = "invalid"
        ERROR = "error"

    class Provenance(models.TextChoices):
        LIVE = "live"
        IMPORT = "import"
        SYNTHETIC = "synthetic"

    MENU = (Outcome.A, Outcome.B, Outcome.TIE, Outcome.BOTH_BAD)
    VERDICTS = (*MENU, Outcome.RATED, Outcome.LABELED)
    NON_VERDICTS = (Outcome.ABSTAIN, Outcome.REFUSED, Outcome.FILTERED, Outcome.INVALID, Outcome.ERROR)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judgments")
    task = models.ForeignKey(Task, models.PROTECT, related_name="judgments")
    annotator = models.ForeignKey(Annotator, models.PROTECT, related_name="judgments")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="judgments")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="judgments")
    source = models.ForeignKey(Import, models.PROTECT, null=True, related_name="judgments")
    round = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(default=0)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    is_retraction = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    strength = models.SmallIntegerField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    # Label to severity, null where none is asked; empty says that no label applies.
    labels = models.JSONField(null=True)
    shown_order = models.CharField(max_length=2, null=True)
    rationale = models.TextField(blank=True, max_length=20_000)
    comment = models.TextField(blank=True, max_length=5_000)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    cluster_id = models.CharField(max_length=200, blank=True)
    extra = models.JSONField(default=dict)
    provenance = models.CharField(max_length=9, choices=Provenance, default=Provenance.LIVE)
    started_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    active_ms = models.PositiveIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    idempotency_key = models.CharField(max_length=100)
    payload_sha256 = models.CharField(max_length=64)

    objects = JudgmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["campaign", "id"], name="judgment_of_campaign")]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "annotator", "round", "criterion", "revision"], name="judgment_revision_once"
            ),
            models.UniqueConstraint(
                fields=["annotator", "idempotency_key", "criterion"], name="judgment_idempotency_key_once"
            ),
            # Target of the composite foreign key that keeps a correction inside its own chain.
            models.UniqueConstraint(fields=["id", "task", "annotator", "round", "criterion"], name="judgment_chain"),
            models.CheckConstraint(
                condition=Q(revision=0, supersedes__isnull=True) | Q(revision__gt=0, supersedes__isnull=False),
                name="judgment_correction_supersedes",
            ),
            models.CheckConstraint(
                condition=Q(is_retraction=True, outcome="")
                | Q(
                    is_retraction=False,
                    outcome__in=[
                        "a",
                        "b",
                        "tie",
                        "both_bad",
                        "rated",
                        "labeled",
                        "abstain",
                        "refused",
                        "filtered",
                        "invalid",
                        "error",
                    ],
                ),
                name="judgment_outcome_known",
            ),  # fmt: skip
            models.CheckConstraint(
                condition=Q(strength__isnull=True)
                | Q(outcome="a", strength__gte=1, strength__lte=3)
                | Q(outcome="b", strength__gte=-3, strength__lte=-1)
                | Q(outcome__in=["tie", "both_bad"], strength=0),
                name="judgment_strength_matches_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome="rated", rating__isnull=False, rating__gte=1)
                | (~Q(outcome="rated") & Q(rating__isnull=True)),
                name="judgment_rating_matches_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome="labeled", labels__isnull=False) | (~Q(outcome="labeled") & Q(labels__isnull=True)),
                name="judgment_labels_match_outcome",
            ),
            models.CheckConstraint(
                condition=Q(shown_order__isnull=True) | Q(shown_order__in=["ab", "ba"]), name="judgment_order_known"
            ),
        ]

    def committed_content(self) -> dict[str, Any]:
        given = {"rating": self.rating, "labels": self.labels}
        return {name: value for name, value in given.items() if value is not None} | {
            "public_id": str(self.public_id),
            "task": str(self.task.public_id),
            "annotator": str(self.annotator.public_id),
            "criterion": self.criterion.key,
            "round": self.round,
            "revision": self.revision,
            "is_retraction": self.is_retraction,
            "outcome": self.outcome,
            "strength": self.strength,
            "shown_order": self.shown_order,
            "rationale": self.rationale,
            "comment": self.comment,
            "flags": self.flags,
            "submitted_at": self.submitted_at.isoformat() if self.submitted_at else None,
            "active_ms": self.active_ms,
        }
