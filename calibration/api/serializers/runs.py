from typing import Any

from rest_framework import serializers

from annotation.api.pages import PageQuery
from annotation.api.strict import Input, Query
from calibration.models import Agreement, Estimate, PairAgreement, Run, Standing
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


class PairQuery(PageQuery):
    criterion = serializers.SlugField(max_length=60, required=False)
    annotator = serializers.UUIDField(required=False, help_text="One of the two.")


class PairOutput(serializers.ModelSerializer[PairAgreement]):
    criterion = serializers.CharField(source="criterion.key")
    first = serializers.UUIDField(source="first.public_id")
    second = serializers.UUIDField(source="second.public_id")

    class Meta:
        model = PairAgreement
        fields = [
            "criterion", "first", "second", "n_items", "percent", "percent_low", "percent_high", "alpha_nominal",
            "alpha_low", "alpha_high", "ci_level", "undefined_reason",
        ]  # fmt: skip


class PlaceQuery(PageQuery):
    criterion = serializers.SlugField(max_length=60, required=False)


class PlaceOutput(serializers.ModelSerializer[Standing]):
    criterion = serializers.CharField(source="criterion.key")
    system = serializers.CharField(source="system.key")
    component = serializers.IntegerField(help_text="Systems of different components are never ranked across.")
    place = serializers.IntegerField(help_text="By the mean strength, within the component.")
    of = serializers.IntegerField(help_text="Systems in the component.")
    win_probability = serializers.FloatField(help_text="Against the component's average, for the reference annotator.")
    ranks = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), help_text="[rank, posterior probability], ..."
    )
    flips_with = serializers.CharField(source="flips_with.key", default=None, allow_null=True)

    class Meta:
        model = Standing
        fields = [
            "criterion", "system", "component", "place", "of", "win_probability", "win_low", "win_high", "rank_low",
            "rank_high", "ci_level", "n", "p_best", "ranks", "flips_with", "votes_to_flip", "flip_reason",
        ]  # fmt: skip


class ComparableOutput(serializers.Serializer[Any]):
    comparable = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why not; empty where it is.")
