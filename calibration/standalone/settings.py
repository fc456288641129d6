"""How a calibration is run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from calibration.standalone.problems import BadInput

FEWEST_DRAWS, FEWEST_CHAINS = 100, 2


@dataclass(frozen=True, slots=True)
class Settings:
    """Seed, chains, draws a chain after tuning (None: the kind's own numbers) and the criterion chosen (None: all)."""

    seed: int = 0
    chains: int | None = None
    draws: int | None = None
    criterion: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would only fail later."""
        if not 0 <= self.seed < 2**32:
            raise BadInput(f"The seed must lie between 0 and 4294967295, not {self.seed}.")
        if self.chains is not None and self.chains < FEWEST_CHAINS:
            raise BadInput(f"At least {FEWEST_CHAINS} chains are needed to see whether they agree, not {self.chains}.")
        if self.draws is not None and self.draws < FEWEST_DRAWS:
            raise BadInput(f"At least {FEWEST_DRAWS} draws a chain are needed, not {self.draws}.")

    def as_dict(self) -> dict[str, Any]:
        """Give the settings as plain values."""
        return asdict(self)
