from typing import Any

from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import Enrollment


class ApplicationInput(Input):
    consent = serializers.IntegerField(
        required=False, min_value=1, help_text="Version of the campaign's consent that you agree to, if it has one."
    )
    takes_warned = serializers.BooleanField(default=True, help_text="Tasks with a content warning too.")


class DecisionInput(Input):
    decision = serializers.ChoiceField(choices=["accept", "suspend"])
    reason = serializers.CharField(max_length=300, help_text="The evaluator reads it.")


class EnrollmentOutput(serializers.ModelSerializer[Enrollment]):
    """An evaluator's standing, as researchers see it."""

    annotator = serializers.UUIDField(source="annotator.public_id")
    name = serializers.CharField(source="annotator.name")
    username = serializers.CharField(source="annotator.user.username")
    state = serializers.CharField(help_text=", ".join(Enrollment.State.values))

    class Meta:
        model = Enrollment
        fields = ["annotator", "name", "username", "state", "reason", "created_at"]


class StandingOutput(serializers.Serializer[Any]):
    """One's own standing in a campaign."""

    campaign = serializers.SlugField(source="campaign.slug")
    name = serializers.CharField(source="campaign.name")
    description = serializers.CharField(source="campaign.description")
    campaign_state = serializers.CharField(source="campaign.state")
    state = serializers.CharField()
    reason = serializers.CharField()
