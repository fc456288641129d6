"""Settings of the simulated judge: what it sees of quality and how it is biased."""

import json
import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self


class BadSettings(ValueError):
    """Settings the simulated judge cannot run with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Effects on the logit scale. The defaults make a useful judge that visibly prefers what it reads first.

    `length_bias` is per unit of log length ratio; `tie_band` is the half width, in logits, within which it calls a tie;
    `lapse` is the share of answers picked blindly. `own_responses` are SHA-256 of response texts it takes for its own.
    `table` names a JSON file {SHA-256 of response text: quality}; texts outside it are judged by their looks.
    """

    model: str = "parametric-1"
    discrimination: float = 1.5
    first_slot_bias: float = 0.8
    length_bias: float = 0.3
    self_preference: float = 0.0
    own_responses: tuple[str, ...] = ()
    tie_band: float = 0.4
    both_bad_below: float = -1.5
    lapse: float = 0.02
    latency_ms: float = 0.0
    table: str = ""

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise BadSettings(f"{name} is a finite number, not {value!r}.")
        if self.tie_band < 0 or self.latency_ms < 0 or not 0 <= self.lapse <= 1:
            raise BadSettings("tie_band and latency_ms are at least 0, and lapse lies between 0 and 1.")

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the defaults changed by the given values; unknown names are refused."""
        if unknown := set(values) - {field.name for field in fields(cls)}:
            raise BadSettings(f"Unknown settings: {', '.join(sorted(unknown))}.")
        changed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**changed)


_NUMBERS = tuple(field.name for field in fields(Settings) if field.type is float)


def load(text_or_path: str) -> Settings:
    """Read settings from JSON text, or from the file it names."""
    text = text_or_path if text_or_path.lstrip().startswith("{") else Path(text_or_path).read_text("utf-8")
    values = json.loads(text)
    if not isinstance(values, dict):
        raise BadSettings("Settings are one JSON object.")
    return Settings.from_json(values)
