"""The frozen configuration of a judge. Change anything and it is another annotator."""

from dataclasses import dataclass, fields
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, Self

import rfc8785

from annotation.judges import parsing, templates
from annotation.judges.schema import RESERVED, Label

SCHEMA = "judge-config/1"
_DECIMALS = ("temperature", "top_p", "least_mass")


class BadConfig(ValueError):
    """A judge configuration that could not be run as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeConfig:
    """Everything that may change what a judge answers; where it is reached and its key stay outside."""

    endpoint_alias: str
    model_id: str
    family: str
    rubric_sha256: str = ""
    temperature: Decimal | None = Decimal(0)
    top_p: Decimal | None = None
    seed: int | None = None
    max_tokens: int = 1024
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    template: str = templates.DEFAULT.name
    template_sha256: str = templates.DEFAULT.sha256
    parser_version: str = parsing.LATEST
    output: Literal["schema", "text", "logprob"] = "schema"
    on_conflict: Literal["invalid", "last"] = "invalid"
    # The least probability on the menu of a verdict read from token probabilities.
    least_mass: Decimal = Decimal("0.5")
    quoting: Literal["fence", "json"] = "fence"
    slot_labels: Label = ("A", "B")
    orders: Literal["both", "single"] = "both"
    samples: int = 1
    repairs: int = 0
    egress_class: Literal["local", "private", "third_party"] = "third_party"
    provenance: Literal["live", "import", "synthetic"] = "live"
    # What the endpoint served once it had begun to serve something else under the same name.
    snapshot: str = ""

    def __post_init__(self) -> None:
        first, second = self.slot_labels
        if first == second or {first, second} & set(RESERVED) or not (first.isalnum() and second.isalnum()):
            raise BadConfig("The two slot labels are different plain words, and no word of the menu.")
        if self.max_tokens < 1 or self.samples < 1 or not 0 <= self.repairs <= 2:
            raise BadConfig("A judge needs max_tokens and samples of at least 1, and 0 to 2 repairs.")
        for name in _DECIMALS:
            value = getattr(self, name)
            if value is not None and not (value.is_finite() and value >= 0):
                raise BadConfig(f"{name} is a number of at least 0.")
        if not (self.endpoint_alias and self.model_id and self.family):
            raise BadConfig("Name the endpoint, the model snapshot and the model family.")

    def as_json(self) -> dict[str, Any]:
        """Return the configuration as plain JSON values, decimals as strings; `from_json` undoes it."""
        return {"schema": SCHEMA, **{field.name: _plain(getattr(self, field.name)) for field in fields(self)}}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Rebuild a configuration; unknown or missing names are refused."""
        values = dict(stored)
        if values.pop("schema", None) != SCHEMA or set(values) != {field.name for field in fields(cls)}:
            raise BadConfig(f"This is no {SCHEMA} configuration.")
        values["slot_labels"] = tuple(values["slot_labels"])
        for name in _DECIMALS:
            values[name] = None if values[name] is None else Decimal(values[name])
        return cls(**values)

    @property
    def config_hash(self) -> str:
        """Identify the judge: SHA-256 over the canonical JSON of its configuration."""
        return sha256(rfc8785.dumps(self.as_json())).hexdigest()


def request_key(*, config_hash: str, task_sha256: str, criterion: str, shown_order: str, sample: int) -> str:
    """Return the idempotency key of one question to one judge."""
    parts: dict[str, Any] = {
        "config_hash": config_hash,
        "task_snapshot_sha256": task_sha256,
        "criterion": criterion,
        "order": shown_order,
        "sample_no": sample,
    }
    return sha256(rfc8785.dumps(parts)).hexdigest()


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    return list(value) if isinstance(value, tuple) else value
