"""One fit from the record to stored figures, whatever was asked; imported only by the process that fits."""

import structlog
from django.db import connection

from annotation.models import Campaign
from calibration.bayes import columns, sampling
from calibration.bayes.labeling import meter
from calibration.models import Run
from calibration.services import comparison_fits, concluding, label_fits
from calibration.services.progress import Announce, Reporter

log = structlog.get_logger()


def fit(run: Run, announce: Announce | None = None) -> None:
    """Carry a claimed run to its end: passed, not converged, cancelled or failed; never half-stored."""
    is_comparison = run.campaign.task_type == Campaign.TaskType.COMPARISON
    engine = comparison_fits if is_comparison else label_fits
    try:
        engine.fit(run, Reporter(run, announce))
    except (sampling.Cancelled, meter.Cancelled):
        concluding.cancel(run)
    except columns.UnusableFrame as error:
        concluding.fail(run, str(error))
    except Exception as error:
        log.exception("run_failed", run=str(run.public_id))
        # While the database is away nothing can be noted; the sweep finds the run again.
        if connection.is_usable():
            concluding.fail(run, f"{type(error).__name__}: {error}"[:2_000])
        raise
