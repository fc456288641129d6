import re

from django.db.models import Count
from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import JudgeConfig

# A judge's key is read from an environment variable of this name; others hold other secrets.
KEY_NAME = re.compile(r"JUDGE_KEY_[A-Z0-9_]{1,80}")


class JudgeInput(Input):
    name = serializers.CharField(max_length=200)
    family = serializers.CharField(max_length=100)
    base_url = serializers.URLField(max_length=500)
    model = serializers.CharField(max_length=200)
    settings = serializers.DictField(required=False, default=dict, help_text="Of the frozen configuration.")
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
        fields = ["id", "name", "family", "base_url", "settings", "config_hash", "requests", "created_at"]

    def get_requests(self, config: JudgeConfig) -> dict[str, int]:
        """Count the judge's requests by state."""
        return dict(config.requests.order_by("state").values_list("state").annotate(n=Count("pk")))


class StartOutput(JudgeOutput):
    planned = serializers.IntegerField(help_text="Requests that this call added.")

    class Meta(JudgeOutput.Meta):
        fields = [*JudgeOutput.Meta.fields, "planned"]
