"""How far a fit is, and whether it shall stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 0.5


class Cancelled(Exception):
    """The fit was told to stop."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Percent of all stages, seconds still to go where known, and the stage."""

    percent: float
    eta_seconds: float | None
    stage: str


class Meter:
    """Count judgments swept against those planned; twice a second tell, and ask whether to stop."""

    def __init__(
        self, progress: Callable[[Progress], None] | None, should_cancel: Callable[[], bool] | None, planned: float
    ) -> None:
        self.progress, self.should_cancel, self.planned = progress, should_cancel, planned
        self.done, self.stage = 0.0, "reading"
        self.started = self.told = time.monotonic()

    def more(self, planned: float) -> None:
        """Plan further work."""
        self.planned += planned

    def add(self, stage: str, judgments: int) -> None:
        """Count one sweep over some judgments.

        Raises
        ------
        Cancelled
            When the caller wants the fit to stop.
        """
        self.done += judgments
        now = time.monotonic()
        if now - self.told < SECONDS and stage == self.stage:
            return
        self.told, self.stage = now, stage
        if self.should_cancel is not None and self.should_cancel():
            raise Cancelled
        if self.progress is not None:
            share = min(self.done / self.planned, 1.0)
            eta = (now - self.started) * (1 - share) / share if share > 0.02 else None
            self.progress(Progress(100 * share, eta, stage))
