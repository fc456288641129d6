import logging
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calibration.standalone import BadInput, calibrate, writing
from calibration.standalone.calibrating import Progress
from calibration.standalone.kinds import AUTO, KINDS
from calibration.standalone.results import NOT_RELEASED

GATE_FAILED, BAD_INPUT, CANCELLED = 1, 2, 130
STEP_PERCENT, STEP_SECONDS = 5, 10


class Command(BaseCommand):
    help = (
        "Calibrate a file by itself, without server and database: who can be trusted, which system is preferred. "
        "Exit code 0: done; 1: the fit did not pass its checks, the files say so; 2: bad input, nothing was written."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="judgments, one a row: CSV, JSON lines (.jsonl) or Parquet")
        parser.add_argument("--kind", choices=[*KINDS, AUTO], default=AUTO, help="auto: by the columns")
        parser.add_argument("--out", type=Path, required=True, help="folder for the results")
        parser.add_argument("--predict", type=Path, metavar="ROWS", help="rows without the answer, to be predicted")
        parser.add_argument("--gold", type=Path, metavar="ANSWERS", help="items whose label is known (labeling)")
        parser.add_argument("--criterion", help="only this criterion; otherwise each is fitted by itself")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--chains", type=int)
        parser.add_argument("--draws", type=int, help="draws a chain, after tuning")

    def handle(self, *args: Any, **options: Any) -> None:
        self._shown: tuple[str, float, float] = ("", 0.0, 0.0)
        logging.getLogger("arviz").setLevel(logging.WARNING)
        names = ("kind", "gold", "predict", "criterion", "seed", "chains", "draws")
        try:
            writing.check_folder(options["out"])
            found = calibrate(options["file"], progress=self._show, **{name: options[name] for name in names})
        except BadInput as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped; nothing was written.", returncode=CANCELLED) from None
        for warning in found.warnings:
            self.stderr.write(f"warning: {warning}")
        found.write(options["out"])
        self.stdout.write(f"Wrote {options['out']}")
        if not found.passed:
            reasons = [reason for one in found.diagnostics.values() for reason in one.get("reasons", ())]
            raise CommandError(f"{NOT_RELEASED}\n{'; '.join(reasons)}", returncode=GATE_FAILED)

    def _show(self, progress: Progress) -> None:
        """Tell percent and time to go on stderr, not more often than a person wants to read."""
        stage, percent, at = self._shown
        now = time.monotonic()
        if progress.stage == stage and progress.percent < percent + STEP_PERCENT and now < at + STEP_SECONDS:
            return
        self._shown = (progress.stage, progress.percent, now)
        eta = progress.eta_seconds
        rest = "" if eta is None else f", about {eta:.0f} s to go"
        sys.stderr.write(f"{progress.percent:3.0f}% {progress.stage}{rest}\n")
        sys.stderr.flush()
