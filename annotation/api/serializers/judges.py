from decimal import Decimal
from typing import Any

from django.db.models import Count
from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import JudgeConfig, JudgeEndpoint, JudgeRun

PRICE: dict[str, Any] = {"max_digits": 18, "decimal_places": 9, "min_value": Decimal(0), "required": False}


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
    output = serializers.ChoiceField(choices=["schema", "text", "logprob"], required=False)
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
    api_key = serializers.CharField(
        max_length=500, required=False, write_only=True, help_text="Kept encrypted for this address; never given back."
    )
    price_in = serializers.DecimalField(**PRICE, help_text="Of a million tokens read.")
    price_cached = serializers.DecimalField(**PRICE, help_text="Of a million cached tokens; as price_in unless given.")
    price_out = serializers.DecimalField(**PRICE, help_text="Of a million tokens written.")


class StartInput(Input):
    budget = serializers.DecimalField(
        max_digits=18, decimal_places=9, min_value=Decimal(0), required=False, help_text="The run stops before it."
    )
    mode = serializers.ChoiceField(choices=["live", "record", "replay"], required=False)
    kind = serializers.ChoiceField(choices=["judging", "battery"], required=False)


class JudgeRunInput(Input):
    action = serializers.ChoiceField(choices=["pause", "resume", "cancel"])


class EndpointInput(Input):
    base_url = serializers.URLField(max_length=500, required=False, help_text="A new address forgets the key.")
    api_key = serializers.CharField(max_length=500, required=False, write_only=True)
    requests_per_minute = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    tokens_per_minute = serializers.IntegerField(min_value=0, max_value=10**9, required=False)
    max_concurrent = serializers.IntegerField(min_value=1, max_value=100, required=False)


class EndpointOutput(serializers.ModelSerializer[JudgeEndpoint]):
    class Meta:
        model = JudgeEndpoint
        fields = ["base_url", "has_key", "requests_per_minute", "tokens_per_minute", "max_concurrent"]


class JudgeEstimateOutput(serializers.Serializer[Any]):
    calls = serializers.IntegerField()
    tokens_in = serializers.IntegerField()
    cost_low = serializers.DecimalField(max_digits=18, decimal_places=9)
    cost_high = serializers.DecimalField(max_digits=18, decimal_places=9)
    currency = serializers.CharField()
    minutes = serializers.FloatField()


class JudgeRunOutput(serializers.ModelSerializer[JudgeRun]):
    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = JudgeRun
        fields = [
            "id", "kind", "mode", "state", "reason", "budget", "spent", "is_quarantined", "quarantine_reason",
            "created_at", "finished_at",
        ]  # fmt: skip


class JudgeOutput(serializers.ModelSerializer[JudgeConfig]):
    id = serializers.UUIDField(source="annotator.public_id")
    name = serializers.CharField(source="annotator.name")
    family = serializers.CharField(source="annotator.family")
    base_url = serializers.CharField()
    requests = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()

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
            "gate",
            "run",
            "created_at",
        ]

    def get_requests(self, config: JudgeConfig) -> dict[str, int]:
        """Count the judge's requests by state."""
        asked = config.requests.filter(probe="").order_by("state")
        return dict(asked.values_list("state").annotate(n=Count("pk")))

    def get_run(self, config: JudgeConfig) -> dict[str, Any] | None:
        """Return the judge's last run, sentinels included in its cost."""
        run = config.runs.order_by("-pk").first()
        return None if run is None else dict(JudgeRunOutput(run).data)


class StartOutput(JudgeOutput):
    planned = serializers.IntegerField(help_text="Requests that this call added.")

    class Meta(JudgeOutput.Meta):
        fields = [*JudgeOutput.Meta.fields, "planned"]
