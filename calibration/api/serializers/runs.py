from typing import Any

from rest_framework import serializers

from annotation.api.pages import PageQuery
from annotation.api.strict import Input, Query
from calibration.models import Agreement, Estimate, Run
from calibration.services.runs import MAX_SEED


class RunInput(Input):
    seed = serializers.IntegerField(required=False, min_value=0, max_value=MAX_SEED - 1)


class RunOutput(serializers.ModelSerializer[Run]):
    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(help_text=", ".join(Run.State.values))
    campaign = serializers.SlugField(source="campaign.slug")
    diagnostics = serializers.DictField()
    adequacy = serializers.DictField()
    counts = serializers.DictField()
    versions = serializers.DictField()

    class Meta:
        model = Run
        fields = [
            "id", "campaign", "state", "stage", "percent", "eta_seconds", "divergences", "diagnostics", "adequacy",
            "headline", "counts", "seed", "data_sha256", "code_version", "versions", "error", "created_at",
            "started_at", "finished_at",
        ]  # fmt: skip


class PlanQuery(Query):
    width = serializers.FloatField(default=0.2, min_value=0.001, max_value=0.999, help_text="Of a 90% interval.")


class PlanOutput(serializers.Serializer[Any]):
    tasks = serializers.IntegerField()
    pairs = serializers.IntegerField()
    overlap = serializers.IntegerField()
    judgments_per_pair = serializers.FloatField()
    interval_width = serializers.FloatField()
    target_width = serializers.FloatField()
    judgments_needed_per_pair = serializers.IntegerField()
    judgments_needed = serializers.IntegerField()


class EstimateQuery(PageQuery):
    quantity = serializers.ChoiceField(choices=Estimate.Quantity.choices, required=False)
    criterion = serializers.SlugField(max_length=60, required=False)
    system = serializers.CharField(max_length=200, required=False, help_text="Id of a system.")
    annotator = serializers.UUIDField(required=False)


class EstimateOutput(serializers.ModelSerializer[Estimate]):
    criterion = serializers.CharField(source="criterion.key", default=None, allow_null=True)
    system = serializers.CharField(source="system.key", default=None, allow_null=True)
    against = serializers.CharField(source="against.key", default=None, allow_null=True)
    annotator = serializers.UUIDField(source="annotator.public_id", default=None, allow_null=True)
    annotator_kind = serializers.CharField(source="annotator.kind", default=None, allow_null=True)

    class Meta:
        model = Estimate
        fields = [
            "quantity", "parameter", "criterion", "system", "against", "annotator", "annotator_kind", "value", "sd",
            "ci_low", "ci_high", "ci_level", "n", "rhat", "ess",
        ]  # fmt: skip


class AgreementOutput(serializers.ModelSerializer[Agreement]):
    criterion = serializers.CharField(source="criterion.key", default=None, allow_null=True)

    class Meta:
        model = Agreement
        fields = [
            "criterion", "who", "slice", "metric", "level", "orientation", "value", "undefined_reason", "ci_low",
            "ci_high", "ci_level", "ci_method", "n_boot", "n_units", "n_units_paired", "n_annotators", "n_judgments",
            "n_pairs", "n_excluded", "seed", "code_version", "data_sha256",
        ]  # fmt: skip
