from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.models import Campaign, Import
from annotation.readers import FORMATS
from annotation.services import campaigns, imports


class Command(BaseCommand):
    help = "Import a file or folder into a campaign: all of it or nothing. A campaign that does not exist is created."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--format", required=True, choices=[imports.AUTO, *FORMATS])
        parser.add_argument("--campaign", required=True, metavar="SLUG")
        parser.add_argument("--source", default="", help="name of the source, part of the annotators' keys")
        parser.add_argument("--pairs-per-prompt", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["campaign"]
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            campaign = campaigns.create(name=slug.replace("-", " ").replace("_", " "), slug=slug, by=None)
            self.stdout.write(f"Created the campaign {slug}.")
        try:
            queued = imports.start_from_path(
                campaign=campaign,
                path=options["path"],
                format=options["format"],
                source_name=options["source"],
                by=None,
                pairs_per_prompt=options["pairs_per_prompt"],
            )
        except imports.UploadRefused as error:
            raise CommandError(str(error)) from None
        if queued.state == Import.State.DONE:
            self.stdout.write("This file was imported before; nothing to do.")
            return
        self._report(imports.run(queued.pk))

    def _report(self, done: Import) -> None:
        for note in done.notes:
            self.stdout.write(f"note: {note}")
        for error in done.errors:
            where = f"{error['file']}, line {error['line']}, {error['field']}"
            self.stderr.write(f"{where}: {error['message']}")
        if done.error_total:
            raise CommandError(f"{done.error_total} errors; nothing was imported. Mend the file and run this again.")
        counts = ", ".join(f"{count:,} {name}" for name, count in done.counts.items())
        self.stdout.write(self.style.SUCCESS(f"Imported {counts}."))
