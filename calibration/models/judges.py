from django.db import models
from django.db.models.functions import Now

from annotation.models import Annotator, Campaign


class JudgeReport(models.Model):
    """What one examination found of a judge: an immutable document of estimates, each with interval and n."""

    class Gate(models.TextChoices):
        PASS = "PASS"  # noqa: S105
        FAIL = "FAIL"
        INCONCLUSIVE = "INCONCLUSIVE"
        NOT_CHECKED = "NOT_CHECKED"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="judge_reports")
    annotator = models.ForeignKey(Annotator, models.PROTECT, related_name="judge_reports")
    criterion_key = models.CharField(max_length=60)
    # The last judgment that was seen.
    up_to = models.BigIntegerField()
    data_sha256 = models.CharField(max_length=64)
    code_version = models.CharField(max_length=64)
    gate = models.CharField(max_length=12, choices=Gate)
    figures = models.JSONField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["campaign", "annotator", "-id"], name="judge_report_newest")]
