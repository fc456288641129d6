"""The OpenAPI description: parameters from each address's own query, refusals as problem documents."""

import re
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem document; `code` is stable.",
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "description": "By field, when `code` is `invalid`."},
    },
    "required": ["type", "status", "code", "title", "detail"],
}


class Schema(AutoSchema):
    """Describes an endpoint by what it declares."""

    def get_override_parameters(self) -> list[Any]:
        query = getattr(self.view, "parameters", None)
        return [query] if query and self.method == "GET" and query().fields else []

    def get_operation_id(self) -> str:
        words = re.sub(r"(?<!^)([A-Z])", r"_\1", type(self.view).__name__).lower()
        return f"{self.method.lower()}_{words}"

    def get_summary(self) -> str:
        return str(self.get_description()).split("\n", 1)[0].rstrip(".")

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.rsplit(".", 1)[-1]]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction=direction)
        problem = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, PROBLEM, "Problem")
        self.registry.register_on_missing(problem)
        content = {"application/problem+json": {"schema": problem.ref}}
        return bodies | {"default": {"description": "Refused", "content": content}}


class TokenScheme(OpenApiAuthenticationExtension):
    """Describes the header; not beside the class that reads it, which Django REST framework loads before its views."""

    target_class = "annotation.api.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token sy_...`"}
