from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.models import Campaign
from calibration import jobs
from calibration.services import exports


class Command(BaseCommand):
    help = "Build a release of a campaign's last passed run. With --wait it is built here and written into --out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--out", type=Path, required=True, help="folder for the bundle; it must not exist")
        parser.add_argument("--wait", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["slug"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['slug']}.")
        if options["out"].exists():
            raise CommandError(f"{options['out']} exists. Name a folder that does not.")
        try:
            export = exports.request(campaign=campaign, by=None)
        except exports.NotReleasable as error:
            raise CommandError(str(error)) from None
        if not options["wait"]:
            jobs.build_export.delay(export_id=export.pk)
            self.stdout.write(f"Queued export {export.public_id}.")
            return
        built = exports.build(export.pk)
        if built.error:
            raise CommandError(built.error)
        exports.write(built, options["out"])
        self.stdout.write(f"Wrote {options['out']}, manifest sha256 {built.manifest_sha256}")
