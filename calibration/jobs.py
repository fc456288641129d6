"""Background jobs of calibration. Each takes ids, may run twice, and finds the truth in the database."""

from typing import Any

from celery import shared_task

from annotation.models import Annotator, Campaign, User
from calibration.services import exports, runs, visibility


@shared_task(bind=True)
def calibrate(self: Any, *, run_id: int) -> None:
    """Fit one run; while it lasts, the message stays hidden from other workers."""
    with visibility.kept(self.request):
        runs.execute(run_id)


@shared_task
def build_export(*, export_id: int) -> None:
    exports.build(export_id)


@shared_task
def examine_judge(*, campaign_id: int, annotator_id: int, user_id: int) -> None:
    """Examine one judge against the judgments of now."""
    # Imported here: only the process that examines pays for the array libraries.
    from calibration.services import judges

    judges.examine(
        campaign=Campaign.objects.get(pk=campaign_id),
        annotator=Annotator.objects.get(pk=annotator_id),
        by=User.objects.get(pk=user_id),
    )


@shared_task
def calibrate_stale() -> None:
    """Queue runs again whose worker died, and refit campaigns that have gathered enough new judgments."""
    for run_id in runs.abandoned():
        calibrate.delay(run_id=run_id)
    for run_id in runs.request_stale():
        calibrate.delay(run_id=run_id)
    for export_id in exports.abandoned():
        build_export.delay(export_id=export_id)
