from typing import Any

from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import Import
from annotation.readers import FORMATS

MAX_FILES = 20


class ImportInput(Input):
    files = serializers.ListField(child=serializers.FileField(), min_length=1, max_length=MAX_FILES)
    format = serializers.ChoiceField(choices=["auto", *sorted(FORMATS)], help_text="`auto` guesses it.")
    source_name = serializers.CharField(
        max_length=100, allow_blank=True, default="", help_text="Where the data are from."
    )
    pairs_per_prompt = serializers.IntegerField(required=False, min_value=1, max_value=1_000)
    commit = serializers.BooleanField(default=False, help_text="Store at once if no error is found; else only check.")


class ImportProblem(serializers.Serializer[Any]):
    file = serializers.CharField()
    line = serializers.IntegerField(help_text="0: the file as a whole.")
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    excerpt = serializers.CharField(allow_blank=True)


class ImportOutput(serializers.ModelSerializer[Import]):
    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(help_text=", ".join(Import.State.values))
    campaign = serializers.SlugField(source="campaign.slug")
    commit = serializers.BooleanField(source="is_commit")
    errors = ImportProblem(many=True, help_text="The first 100.")  # type: ignore[assignment]
    counts = serializers.DictField(child=serializers.IntegerField())
    notes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Import
        fields = [
            "id", "campaign", "format", "source_name", "file_name", "sha256", "commit", "state", "rows_done",
            "rows_total", "counts", "notes", "error_total", "errors", "created_at", "finished_at",
        ]  # fmt: skip
