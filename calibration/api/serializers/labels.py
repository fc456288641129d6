from typing import Any

from rest_framework import serializers

from annotation.api.pages import PageQuery
from calibration.models import ClassShare, ItemClass, LabelAccuracy, ShareDifference


class LabelQuery(PageQuery):
    criterion = serializers.SlugField(max_length=60, required=False)
    option = serializers.CharField(max_length=200, required=False, help_text="One label of a criterion with several.")


class ItemClassQuery(LabelQuery):
    contested = serializers.BooleanField(required=False, allow_null=True, default=None)


class ItemClassOutput(serializers.ModelSerializer[ItemClass]):
    task = serializers.UUIDField(source="task.public_id")
    criterion = serializers.CharField(source="criterion.key")
    chances = serializers.DictField(child=serializers.FloatField(), help_text="Posterior of every class.")
    label: Any = serializers.CharField(help_text="The likeliest class; empty where two cannot be told apart.")

    class Meta:
        model = ItemClass
        fields = ["task", "criterion", "option", "chances", "label", "sure", "is_contested", "n_human", "n_judge"]


class ClassShareOutput(serializers.ModelSerializer[ClassShare]):
    criterion = serializers.CharField(source="criterion.key")
    system = serializers.CharField(source="system.key", default=None, allow_null=True, help_text="Null: all together.")
    pool = serializers.CharField(help_text="Empty: all pools.")

    class Meta:
        model = ClassShare
        fields = [
            "criterion", "option", "system", "pool", "label", "value", "ci_low", "ci_high", "items", "items_low",
            "items_high", "ci_level", "naive", "unseen_upper", "n", "n_judgments",
        ]  # fmt: skip


class ShareDifferenceOutput(serializers.ModelSerializer[ShareDifference]):
    criterion = serializers.CharField(source="criterion.key")
    first = serializers.CharField(source="first.key")
    second = serializers.CharField(source="second.key")
    p_positive = serializers.FloatField(help_text="Posterior that going from the first to the second is a reduction.")

    class Meta:
        model = ShareDifference
        fields = [
            "criterion", "option", "label", "first", "second", "value", "ci_low", "ci_high", "ci_level", "p_positive",
            "n",
        ]  # fmt: skip


class LabelAccuracyOutput(serializers.ModelSerializer[LabelAccuracy]):
    criterion = serializers.CharField(source="criterion.key")
    annotator = serializers.UUIDField(source="annotator.public_id")
    annotator_kind = serializers.CharField(source="annotator.kind")
    confusion: Any = serializers.ListField(
        child=serializers.ListField(), help_text="[truth, label, chance, low, high, judgments expected], ..."
    )

    class Meta:
        model = LabelAccuracy
        fields = [
            "criterion", "option", "annotator", "annotator_kind", "value", "ci_low", "ci_high", "ci_level", "n",
            "is_spam", "favorite", "confusion",
        ]  # fmt: skip
