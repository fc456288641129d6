from rest_framework import serializers

from annotation.api.pages import PageQuery
from annotation.api.strict import Input
from calibration.exports.options import ABOUT, FORMATS, LABEL_MODES, PROFILES, SOURCES, TIES
from calibration.models import Export


class OptionsInput(Input):
    formats = serializers.ListField(
        child=serializers.ChoiceField(choices=FORMATS), required=False, max_length=len(FORMATS),
        help_text="Files under `data/`; preference alone when left out.",
    )  # fmt: skip
    label_mode = serializers.ChoiceField(choices=LABEL_MODES, required=False, help_text="Of the preference files.")
    ties = serializers.ChoiceField(choices=TIES, required=False, help_text="Of the files that have no tie.")
    min_confidence = serializers.FloatField(
        min_value=0,
        max_value=0.5,
        required=False,
        help_text="Keep preferences with |p_a_better - 0.5| of at least this.",
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=SOURCES, required=False, help_text="Whose votes the labels come from."
    )
    criterion = serializers.SlugField(max_length=60, required=False, help_text="Of the files under `data/`.")
    margin = serializers.BooleanField(required=False, help_text="Add the margin that TRL's reward trainer uses.")
    extra = serializers.BooleanField(required=False, help_text="Hand on further columns of imported files.")
    profile = serializers.ChoiceField(choices=PROFILES, required=False, help_text="What is left out for whom.")
    csv_guard = serializers.BooleanField(required=False, help_text="No cell of a CSV file can become a formula.")
    license = serializers.CharField(max_length=100, required=False, help_text="SPDX name, such as CC-BY-4.0.")
    about = serializers.DictField(
        child=serializers.CharField(max_length=5_000, allow_blank=True), required=False,
        help_text="What only people can say: " + ", ".join(ABOUT),
    )  # fmt: skip


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
