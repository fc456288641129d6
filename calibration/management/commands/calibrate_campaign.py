import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.models import Campaign
from calibration import jobs
from calibration.models import Run
from calibration.services import runs


class Command(BaseCommand):
    help = "Calibrate a campaign. Without --wait the run is queued for a worker; with it, it runs here and now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--wait", action="store_true", help="fit in this process and print progress")
        parser.add_argument("--seed", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["slug"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['slug']}.")
        run = runs.request(campaign=campaign, by=None, seed=options["seed"])
        if not options["wait"]:
            jobs.calibrate.delay(run_id=run.pk)
            self.stdout.write(f"Queued run {run.public_id}.")
            return
        started = time.monotonic()
        finished = runs.execute(run.pk, announce=self._announce)
        self._report(finished, time.monotonic() - started)

    def _announce(self, stage: str, percent: int, eta_seconds: int | None) -> None:
        rest = "" if eta_seconds is None else f", about {eta_seconds} s to go"
        self.stdout.write(f"{stage}: {percent}%{rest}")

    def _report(self, run: Run, seconds: float) -> None:
        figures = run.diagnostics
        self.stdout.write(f"{run.state.upper()} after {seconds:.0f} s, run {run.public_id}, seed {run.seed}")
        if figures:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in figures.items()))
        if run.headline:
            self.stdout.write(run.headline)
        if run.state != Run.State.PASSED:
            raise CommandError(run.error or "The run did not pass its gate; nothing can be released from it.")
