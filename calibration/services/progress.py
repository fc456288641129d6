"""Write a fit's progress into its run, read the wish to cancel, and show both to whoever asked."""

import time
from typing import Protocol

from django.db import connection
from django.db.models.functions import Now

from calibration.models import Run

WRITE_SECONDS = 0.5


class Announce(Protocol):
    """Something that shows progress besides the database, such as a terminal."""

    def __call__(self, stage: str, percent: int, eta_seconds: int | None) -> None: ...


class Reporter:
    """Progress of one run, written at most twice a second; `is_cancelled` holds what the last write read."""

    def __init__(self, run: Run, announce: Announce | None = None) -> None:
        self.run, self.announce = run, announce
        self.is_cancelled = False
        self._written_at = 0.0
        self._shown = ("", -1)

    def report(self, stage: str, percent: float, *, eta_seconds: float | None = None, divergences: int = 0) -> None:
        eta = None if eta_seconds is None else max(0, round(eta_seconds))
        now = time.monotonic()
        if stage != self._shown[0] or now - self._written_at >= WRITE_SECONDS:
            self._written_at = now
            self._write(stage, round(percent), eta, divergences)
        if self.announce and (stage, round(percent)) != self._shown:
            self.announce(stage, round(percent), eta)
        self._shown = (stage, round(percent))

    def _write(self, stage: str, percent: int, eta: int | None, divergences: int) -> None:
        values = {"stage": stage, "percent": min(percent, 100), "eta_seconds": eta, "divergences": divergences}
        Run.objects.filter(pk=self.run.pk).update(**values, alive_at=Now())
        with connection.cursor() as cursor:
            cursor.execute("select cancel_requested from calibration_run where id = %s", [self.run.pk])
            self.is_cancelled = bool(cursor.fetchone()[0])
