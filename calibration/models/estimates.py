from django.db import models
from django.db.models import Q

from annotation.models import Annotator, Criterion, System, Task
from calibration.models.runs import Run


class Estimate(models.Model):
    """One posterior quantity of a run: estimate, interval, n."""

    class Quantity(models.TextChoices):
        STRENGTH = "strength"
        WIN_PROBABILITY = "win_probability"
        RANK = "rank"
        RELIABILITY = "reliability"
        DISCRIMINATION = "discrimination"
        POSITION_BIAS = "position_bias"
        POSITION_SHIFT = "position_shift"
        LENGTH_BIAS = "length_bias"
        TIE_WIDTH = "tie_width"
        TIE_RATE = "tie_rate"
        POPULATION = "population"

    run = models.ForeignKey(Run, models.CASCADE, related_name="estimates")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True)
    quantity = models.CharField(max_length=20, choices=Quantity)
    system = models.ForeignKey(System, models.PROTECT, null=True)
    against = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")
    annotator = models.ForeignKey(Annotator, models.PROTECT, null=True)
    parameter = models.CharField(max_length=60, blank=True)
    value = models.FloatField()
    sd = models.FloatField(null=True)
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    ci_level = models.FloatField(default=0.9)
    n = models.PositiveIntegerField()
    rhat = models.FloatField(null=True)
    ess = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["run", "quantity"], name="estimate_of_run")]
        constraints = [
            models.CheckConstraint(condition=Q(ci_low__lte=models.F("ci_high")), name="estimate_interval_ordered")
        ]


class ItemEstimate(models.Model):
    """The posterior outcome of one task for the reference annotator."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="items")
    task = models.ForeignKey(Task, models.PROTECT, related_name="estimates")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    p_a = models.FloatField()
    p_tie = models.FloatField()
    p_b = models.FloatField()
    p_a_better = models.FloatField()
    # The same over all accounts of the consensus, by their weights; null where they were not weighed.
    pooled_a = models.FloatField(null=True)
    pooled_tie = models.FloatField(null=True)
    pooled_b = models.FloatField(null=True)
    sd = models.FloatField()
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    ci_level = models.FloatField(default=0.9)
    n_human = models.PositiveIntegerField()
    n_judge = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "task", "criterion"], name="item_estimate_once"),
            models.CheckConstraint(condition=Q(ci_low__lte=models.F("ci_high")), name="item_interval_ordered"),
        ]
