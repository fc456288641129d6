from typing import Any

from rest_framework import serializers

from annotation.api.strict import Input
from annotation.models import ApiToken
from annotation.services.tokens import MAX_DAYS


class TokenRequest(Input):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1_000, trim_whitespace=False, style={"input_type": "password"})
    name = serializers.CharField(max_length=100, default="api", help_text="Where it is used.")
    scope = serializers.ChoiceField(choices=ApiToken.Scope.choices, default=ApiToken.Scope.READ.value)
    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=30)


class TokenCreated(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown this once. Send it as `Authorization: Token sy_...`.")
    name = serializers.CharField()
    scope = serializers.CharField()
    expires_at = serializers.DateTimeField()
