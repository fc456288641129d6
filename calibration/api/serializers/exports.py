from rest_framework import serializers

from annotation.api.pages import PageQuery
from annotation.api.strict import Input
from calibration.exports.options import TIES
from calibration.models import Export


class OptionsInput(Input):
    ties = serializers.ChoiceField(choices=TIES, required=False, help_text="Of the preference file.")
    min_confidence = serializers.FloatField(
        min_value=0,
        max_value=0.5,
        required=False,
        help_text="Keep preferences with |p_a_better - 0.5| of at least this.",
    )
    criterion = serializers.SlugField(max_length=60, required=False, help_text="Of the preference file.")
    extra = serializers.BooleanField(required=False, help_text="Hand on further columns of imported files.")


class ExportInput(Input):
    campaign = serializers.SlugField(max_length=80)
    run = serializers.UUIDField(required=False, help_text="A run that passed; left out: the newest of those.")
    options = OptionsInput(required=False)


class ExportQuery(PageQuery):
    campaign = serializers.SlugField(max_length=80, required=False)


class ExportOutput(serializers.ModelSerializer[Export]):
    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(help_text=", ".join(Export.State.values))
    campaign = serializers.SlugField(source="campaign.slug")
    run = serializers.UUIDField(source="run.public_id")
    options = serializers.DictField()

    class Meta:
        model = Export
        fields = [
            "id", "campaign", "run", "state", "stage", "percent", "options", "error", "manifest_sha256",
            "archive_sha256", "bytes", "created_at", "finished_at",
        ]  # fmt: skip


class ExportDetail(ExportOutput):
    manifest = serializers.DictField(allow_null=True)

    class Meta(ExportOutput.Meta):
        fields = [*ExportOutput.Meta.fields, "manifest"]
