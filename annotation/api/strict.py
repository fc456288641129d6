"""Input that refuses what it does not know: a mistyped name must never be ignored."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from annotation.api.problems import Problem


class Input(serializers.Serializer[Any]):
    """A request body; an unknown field is an error."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({str(name)[:80]: ["There is no such field."] for name in unknown[:20]})
        return super().to_internal_value(data)


class Query(serializers.Serializer[Any]):
    """The parameters of an address; this base knows none."""


def read(kind: type[Query], sent: QueryDict) -> dict[str, Any]:
    """Return the checked parameters; unknown and repeated ones are refused."""
    known = kind().fields
    for name, values in sent.lists():
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise Problem(400, "unknown_parameter", f"There is no parameter {name[:80]!r} here; known: {names}.")
        if len(values) > 1:
            raise Problem(400, "repeated_parameter", f"The parameter {name!r} stands twice. Send it once.")
    query = kind(data=sent.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
