from typing import Any

from django.db.models import Count, Q
from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import Campaign, Criterion, Membership, Rubric

MAX_CRITERIA = 20


class OptionInput(Input):
    """An anchor of a rating, or a label."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=100)
    says = serializers.CharField(max_length=300, allow_blank=True, default="")


class CriterionInput(Input):
    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=100)
    question = serializers.CharField(max_length=300, allow_blank=True, default="")
    levels = serializers.ChoiceField(choices=[3, 5, 7], default=3, help_text="3: left, tie, right; 5 and 7 are graded.")
    allow_tie = serializers.BooleanField(default=True)
    allow_both_bad = serializers.BooleanField(default=True)
    scale = serializers.ChoiceField(choices=Criterion.Scale.choices, default="comparison")
    options = serializers.ListField(
        child=OptionInput(),
        max_length=40,
        default=list,
        help_text="Anchors of a rating from low to high, or the labels; none: the failure modes.",
    )
    takes_several = serializers.BooleanField(default=False, help_text="Of labels: all that apply instead of one.")
    asks_severity = serializers.BooleanField(default=False, help_text="Of labels: each with a severity from 0 to 3.")


class CampaignInput(Input):
    name = serializers.CharField(max_length=200)
    slug = serializers.SlugField(max_length=80)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    task_type = serializers.ChoiceField(choices=Campaign.TaskType.choices, default="comparison")
    overlap = serializers.IntegerField(min_value=1, max_value=100, default=3, help_text="Evaluators a task.")
    judge_overlap = serializers.IntegerField(min_value=0, max_value=100, default=1, help_text="Judges a task.")
    lease_minutes = serializers.IntegerField(min_value=1, max_value=1_440, default=30)
    guide = serializers.CharField(max_length=100_000, allow_blank=True, default="", help_text="Markdown.")
    criteria = serializers.ListField(child=CriterionInput(), required=False, min_length=1, max_length=MAX_CRITERIA)

    def validate_slug(self, slug: str) -> str:
        if slug == "new":
            raise serializers.ValidationError("This address belongs to a page. Choose another one.")
        return slug

    def validate_criteria(self, criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({criterion["key"] for criterion in criteria}) < len(criteria):
            raise serializers.ValidationError("Two criteria have the same key. Give each its own.")
        return criteria


class StateInput(Input):
    action = serializers.ChoiceField(choices=["open", "pause", "close"])


class CriterionOutput(serializers.ModelSerializer[Criterion]):
    class Meta:
        model = Criterion
        fields = [
            "key", "name", "question", "levels", "allow_tie", "allow_both_bad", "scale", "options", "takes_several",
            "asks_severity",
        ]  # fmt: skip


class RubricOutput(serializers.ModelSerializer[Rubric]):
    criteria = serializers.SerializerMethodField()

    class Meta:
        model = Rubric
        fields = ["version", "sha256", "guide", "criteria"]

    def get_criteria(self, rubric: Rubric) -> list[dict[str, Any]]:
        return list(CriterionOutput(rubric.criteria.order_by("position"), many=True).data)


class CampaignOutput(serializers.ModelSerializer[Campaign]):
    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField(help_text=", ".join(Campaign.State.values))

    class Meta:
        model = Campaign
        fields = [
            "id", "slug", "name", "description", "task_type", "state", "overlap", "judge_overlap", "lease_minutes",
            "daily_goal", "created_at",
        ]  # fmt: skip


class CampaignDetail(CampaignOutput):
    rubric = RubricOutput()
    counts = serializers.SerializerMethodField()

    class Meta(CampaignOutput.Meta):
        fields = [*CampaignOutput.Meta.fields, "rubric", "counts"]

    def get_counts(self, campaign: Campaign) -> dict[str, int]:
        """Count tasks, those held out apart, and judgments in force."""
        held_out = Q(split="held_out")
        counts: dict[str, int] = campaign.tasks.aggregate(
            tasks=Count("pk", filter=~held_out), held_out_tasks=Count("pk", filter=held_out)
        )
        return counts | {"judgments": campaign.judgments.effective().count()}


class MemberInput(Input):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Membership.Role.choices)


class MemberOutput(serializers.ModelSerializer[Membership]):
    username = serializers.CharField(source="user.username")

    class Meta:
        model = Membership
        fields = ["username", "role"]
