from django.db import models
from django.db.models import F, Q

from annotation.models import Annotator, Criterion
from calibration.models.runs import Run


class Agreement(models.Model):
    """One agreement statistic of a run, or the reason why it is undefined."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="agreements")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True)
    who = models.CharField(max_length=20)
    slice = models.CharField(max_length=200, blank=True)
    metric = models.CharField(max_length=40)
    level = models.CharField(max_length=20, blank=True)
    orientation = models.CharField(max_length=10)
    value = models.FloatField(null=True)
    undefined_reason = models.CharField(max_length=200, blank=True)
    ci_low = models.FloatField(null=True)
    ci_high = models.FloatField(null=True)
    ci_level = models.FloatField(null=True)
    ci_method = models.CharField(max_length=60, blank=True)
    n_boot = models.PositiveIntegerField(null=True)
    n_units = models.PositiveIntegerField()
    n_units_paired = models.PositiveIntegerField()
    n_annotators = models.PositiveIntegerField()
    n_judgments = models.PositiveIntegerField()
    n_pairs = models.PositiveBigIntegerField()
    n_excluded = models.PositiveIntegerField(default=0)
    seed = models.BigIntegerField(null=True)
    code_version = models.CharField(max_length=64, blank=True)
    data_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "criterion", "who", "slice", "metric", "level", "orientation"], name="agreement_once"
            )
        ]


class PairAgreement(models.Model):
    """How far two annotators agree on the tasks that both judged; below the least number of tasks only the reason."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="pairs")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    first = models.ForeignKey(Annotator, models.PROTECT, related_name="+")
    second = models.ForeignKey(Annotator, models.PROTECT, related_name="+")
    n_items = models.PositiveIntegerField()
    percent = models.FloatField(null=True)
    percent_low = models.FloatField(null=True)
    percent_high = models.FloatField(null=True)
    alpha_nominal = models.FloatField(null=True)
    alpha_low = models.FloatField(null=True)
    alpha_high = models.FloatField(null=True)
    ci_level = models.FloatField(default=0.9)
    undefined_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "criterion", "first", "second"], name="pair_agreement_once"),
            models.CheckConstraint(
                condition=Q(alpha_nominal__isnull=True) | Q(alpha_low__lte=F("alpha_high")),
                name="pair_agreement_interval_ordered",
            ),
        ]
