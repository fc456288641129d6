import re
from decimal import Decimal

from django.db.models import Count
from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import JudgeConfig

# A judge's key is read from an environment variable of this name; others hold other secrets.
KEY_NAME = re.compile(r"JUDGE_KEY_[A-Z0-9_]{1,80}")


class JudgeSettings(Input):
    """What of a judge's frozen configuration may be chosen; the rest follows from campaign and program."""

    temperature = serializers.DecimalField(
        max_digits=6, decimal_places=4, min_value=Decimal(0), max_value=Decimal(10), required=False, allow_null=True
    )
    top_p = serializers.DecimalField(
        max_digits=6, decimal_places=4, min_value=Decimal(0), max_value=Decimal(1), required=False, allow_null=True
    )
    seed = serializers.IntegerField(min_value=0, max_value=2**53 - 1, required=False, allow_null=True)
    max_tokens = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    max_tokens_field = serializers.ChoiceField(choices=["max_tokens", "max_completion_tokens"], required=False)
    output = serializers.ChoiceField(choices=["schema", "text"], required=False)
    on_conflict = serializers.ChoiceField(choices=["invalid", "last"], required=False)
    quoting = serializers.ChoiceField(choices=["fence", "json"], required=False)
    orders = serializers.ChoiceField(choices=["both", "single"], required=False)
    samples = serializers.IntegerField(min_value=1, max_value=100, required=False)
    repairs = serializers.IntegerField(min_value=0, max_value=2, required=False)
    egress_class = serializers.ChoiceField(choices=["local", "private", "third_party"], required=False)


class JudgeInput(Input):
    name = serializers.CharField(max_length=200)
    family = serializers.CharField(max_length=100)
    base_url = serializers.URLField(max_length=500)
    model = serializers.CharField(max_length=200)
    settings = JudgeSettings(required=False)
    api_key_variable = serializers.RegexField(
        KEY_NAME, required=False, allow_blank=True, default="", help_text="JUDGE_KEY_...; administrators only."
    )


class JudgeOutput(serializers.ModelSerializer[JudgeConfig]):
    id = serializers.UUIDField(source="annotator.public_id")
    name = serializers.CharField(source="annotator.name")
    family = serializers.CharField(source="annotator.family")
    requests = serializers.SerializerMethodField()

    class Meta:
        model = JudgeConfig
        fields = [
            "id",
            "name",
            "family",
            "base_url",
            "settings",
            "config_hash",
            "requests",
            "paused_reason",
            "created_at",
        ]

    def get_requests(self, config: JudgeConfig) -> dict[str, int]:
        """Count the judge's requests by state."""
        return dict(config.requests.order_by("state").values_list("state").annotate(n=Count("pk")))


class StartOutput(JudgeOutput):
    planned = serializers.IntegerField(help_text="Requests that this call added.")

    class Meta(JudgeOutput.Meta):
        fields = [*JudgeOutput.Meta.fields, "planned"]
