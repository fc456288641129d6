from django.db import models
from django.db.models import F, Q

from annotation.models import Criterion, System
from calibration.models.runs import Run


class Standing(models.Model):
    """One system's place among those it is connected with: how sure the rank is, and what it hangs on."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="standings")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    # Systems of different components were never compared, not even through others; no rank runs across.
    component = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    of = models.PositiveIntegerField()
    win_probability = models.FloatField()
    win_low = models.FloatField()
    win_high = models.FloatField()
    rank_low = models.PositiveIntegerField()
    rank_high = models.PositiveIntegerField()
    ci_level = models.FloatField(default=0.9)
    n = models.PositiveIntegerField()
    p_best = models.FloatField()
    # [[rank, posterior probability], ...] without ranks that no draw gave.
    ranks = models.JSONField(default=list)
    flips_with = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")
    votes_to_flip = models.PositiveIntegerField(null=True)
    flip_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "criterion", "system"], name="standing_once"),
            models.CheckConstraint(condition=Q(rank_low__lte=F("rank_high")), name="standing_ranks_ordered"),
        ]
