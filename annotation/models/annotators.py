import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Now

from annotation.models.audit import Committed
from annotation.models.users import User


class AnnotatorQuerySet(models.QuerySet["Annotator"]):
    def in_campaign(self, campaign: models.Model) -> "AnnotatorQuerySet":
        return self.filter(judgments__campaign=campaign).distinct()


class Annotator(Committed):
    """Any source of judgments: a person or a model, frozen at one version."""

    class Kind(models.TextChoices):
        HUMAN = "human"
        JUDGE = "judge"
        ORACLE = "oracle"
        HEURISTIC = "heuristic"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=9, choices=Kind)
    # A pseudonym for people, the configured name for judges.
    name = models.CharField(max_length=200)
    user = models.OneToOneField(User, models.PROTECT, null=True, related_name="annotator")
    import_key = models.CharField(max_length=300, null=True, unique=True)
    family = models.CharField(max_length=100, blank=True)
    group = models.CharField(max_length=100, blank=True)
    version = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AnnotatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["human", "judge", "oracle", "heuristic"]), name="annotator_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(kind="human"), name="annotator_login_is_human"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_human(self) -> bool:
        return self.kind == self.Kind.HUMAN

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id),
            "kind": self.kind,
            "import_key": self.import_key,
            "family": self.family,
            "group": self.group,
            "version": self.version,
        }
