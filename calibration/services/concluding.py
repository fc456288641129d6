"""The end of a run: its verdict with the gate's figures, on the record."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from annotation.services import audit
from calibration.models import Run


def fail(run: Run, message: str) -> None:
    run.error = message
    finish(run, Run.State.FAILED, "model_fit.fail")


def cancel(run: Run) -> None:
    finish(run, Run.State.CANCELLED, "model_fit.cancel")


def conclude(run: Run, *, diagnostics: dict[str, Any], settings: dict[str, Any]) -> None:
    """Store the verdict of the gate over all that was fitted; one part that fails fails the run."""
    run.diagnostics, run.settings = diagnostics, settings
    state = Run.State.PASSED if diagnostics["passed"] else Run.State.NOT_CONVERGED
    digest = hashlib.sha256(json.dumps(diagnostics, sort_keys=True).encode()).hexdigest()
    finish(
        run,
        state,
        "model_fit.complete",
        state=str(state),
        seed=str(run.seed),
        data_sha256=run.data_sha256,
        code_version=run.code_version,
        diagnostics_sha256=digest,
    )


@transaction.atomic
def finish(run: Run, end: Run.State, action: str, **facts: str) -> None:
    run.state, run.stage, run.percent, run.eta_seconds = end, "", 100, None
    audit.save(run, action, by=run.requested_by, campaign=run.campaign, **facts)
    Run.objects.filter(pk=run.pk).update(finished_at=Now())
    run.refresh_from_db(fields=["finished_at"])
