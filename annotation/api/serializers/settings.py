"""How a campaign vets and collects, as researchers send it and read it."""

from typing import Any

from rest_framework import serializers

from annotation.api.serializers.campaigns import MAX_CRITERIA, CriterionInput
from annotation.api.strict import Input
from annotation.models import Campaign
from annotation.services.golds import OUTCOMES


class VettingInput(Input):
    size = serializers.IntegerField(min_value=0, max_value=200, help_text="Tasks in the test; 0: no test.")
    line = serializers.IntegerField(
        min_value=0,
        max_value=200,
        required=False,
        help_text="Right answers to pass; absent: the highest that somebody right 9 times in 10 passes 99 in 100.",
    )
    gold_percent = serializers.IntegerField(min_value=0, max_value=50, default=10)
    training_size = serializers.IntegerField(min_value=0, max_value=50, default=0)


class PassingOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    accuracy = serializers.FloatField()
    first = serializers.FloatField(help_text="Chance to pass at once.")
    with_retake = serializers.FloatField()


class VettingOutput(serializers.Serializer[Any]):
    size = serializers.IntegerField(source="qualification_size")
    line = serializers.IntegerField(source="qualification_line")
    gold_percent = serializers.IntegerField()
    training_size = serializers.IntegerField()
    curve = PassingOutput(many=True, help_text="Who passes, exact for independent answers; empty without a test.")


class LimitsInput(Input):
    daily_cap = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0, help_text="0: no limit.")
    total_cap = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0, help_text="0: no limit.")
    deadline = serializers.DateTimeField(allow_null=True, default=None)
    repeat_percent = serializers.IntegerField(min_value=0, max_value=20, default=0)


class LimitsOutput(serializers.ModelSerializer[Campaign]):
    class Meta:
        model = Campaign
        fields = ["daily_cap", "total_cap", "deadline", "repeat_percent"]


class ConsentInput(Input):
    text = serializers.CharField(max_length=20_000, help_text="Markdown.")


class ConsentOutput(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    sha256 = serializers.CharField()


class RubricInput(Input):
    guide = serializers.CharField(max_length=100_000, allow_blank=True, default="", help_text="Markdown.")
    criteria = serializers.ListField(child=CriterionInput(), min_length=1, max_length=MAX_CRITERIA)

    def validate_criteria(self, criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({criterion["key"] for criterion in criteria}) < len(criteria):
            raise serializers.ValidationError("Two criteria have the same key. Give each its own.")
        return criteria


class RubricLocked(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    sha256 = serializers.CharField()
    tasks_moved = serializers.IntegerField(help_text="Tasks that nobody had opened and that follow this version.")


class GoldInput(Input):
    outcome = serializers.ChoiceField(choices=OUTCOMES, help_text="In canonical order.")
    justification = serializers.CharField(max_length=5_000)


class GoldOutput(serializers.Serializer[Any]):
    outcome = serializers.CharField()
    justification = serializers.CharField()
