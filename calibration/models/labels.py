from django.db import models
from django.db.models import F, Q

from annotation.models import Annotator, Criterion, System, Task
from calibration.models.runs import Run


class OfQuestion(models.Model):
    """What a figure about labels is of: a criterion, and where several labels may apply, the one label."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="%(class)s_set")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    option = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class ItemClass(OfQuestion):
    """What one task is: the chance of each class, and the likeliest; empty where two cannot be told apart."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="classes")
    chances = models.JSONField()
    label = models.CharField(max_length=200, blank=True)
    sure = models.FloatField()
    is_contested = models.BooleanField()
    n_human = models.PositiveIntegerField()
    n_judge = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "criterion", "option", "sure", "task"], name="item_class_least_sure")]
        constraints = [
            models.UniqueConstraint(fields=["run", "task", "criterion", "option"], name="item_class_once"),
            models.CheckConstraint(condition=Q(sure__gte=0, sure__lte=1), name="item_class_sure_is_a_chance"),
        ]


class ClassShare(OfQuestion):
    """How often a class occurs in the answers of a system, of a pool, or of all."""

    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")
    pool = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=200)
    # Of the population that the judged tasks are a sample of.
    value = models.FloatField()
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    # Of the judged tasks themselves.
    items = models.FloatField()
    items_low = models.FloatField()
    items_high = models.FloatField()
    ci_level = models.FloatField(default=0.9)
    naive = models.FloatField()
    # 95% bound where no judgment gave the label.
    unseen_upper = models.FloatField(null=True)
    n = models.PositiveIntegerField()
    n_judgments = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "criterion", "option", "system", "pool", "label"],
                name="class_share_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(ci_low__lte=F("ci_high")), name="class_share_interval_ordered"),
        ]


class ShareDifference(OfQuestion):
    """How much more often a class occurs in the first system's answers than in the second's."""

    first = models.ForeignKey(System, models.PROTECT, related_name="+")
    second = models.ForeignKey(System, models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    value = models.FloatField()
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    ci_level = models.FloatField(default=0.9)
    # Posterior that the first has more, so that going from the first to the second is a reduction.
    p_positive = models.FloatField()
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "criterion", "option", "first", "second", "label"], name="share_difference_once"
            )
        ]


class LabelAccuracy(OfQuestion):
    """How often one annotator names the class of a task, what it says when it does not, and two flags."""

    annotator = models.ForeignKey(Annotator, models.PROTECT, related_name="+")
    value = models.FloatField()
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    ci_level = models.FloatField(default=0.9)
    n = models.PositiveIntegerField()
    # The answers say almost nothing about the class; a label given far more often than its class occurs.
    is_spam = models.BooleanField()
    favorite = models.CharField(max_length=200, blank=True)
    # [[truth, label, chance, low, high, judgments expected], ...]
    confusion = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "annotator", "criterion", "option"], name="label_accuracy_once"),
            models.CheckConstraint(condition=Q(ci_low__lte=F("ci_high")), name="label_accuracy_interval_ordered"),
        ]
