"""Calibration runs: requested by people or the sweep, executed by a worker, stored with all that they follow from."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from annotation.models import Campaign, Criterion, Judgment, User
from annotation.permissions import check_may_change
from annotation.services import audit
from calibration.models import Run
from calibration.services import concluding
from calibration.services.progress import Announce

SILENT_FOR = timedelta(seconds=90)
STALE_JUDGMENTS = 50
QUIET_FOR = timedelta(minutes=1)
AT_LEAST_EVERY = timedelta(minutes=10)
MAX_ATTEMPTS = 4
MAX_SEED = 2**31


class AlreadyFinished(ValueError):
    """The run has ended; there is nothing to cancel."""


class NothingToCalibrate(ValueError):
    """The campaign has no judgments yet, or none that a run takes."""


@transaction.atomic
def request(*, campaign: Campaign, by: User | None, seed: int | None = None) -> Run:
    """Queue a run, or return the one that is under way; a seed given again makes the same figures again."""
    if by:
        check_may_change(by, campaign)
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    under_way = Run.objects.unfinished().filter(campaign=campaign).first()
    if under_way:
        return under_way
    if not _takes_runs().filter(pk=campaign.pk).exists():
        message = "A run calibrates comparisons and labels. Read ratings through the API's judgments."
        raise NothingToCalibrate(message)
    if not campaign.judgments.exists():
        raise NothingToCalibrate("This campaign has no judgments yet. Collect or import some first.")
    run = Run(campaign=campaign, requested_by=by, seed=secrets.randbelow(MAX_SEED) if seed is None else seed)
    audit.save(run, "model_fit.request", by=by, campaign=campaign, seed=str(run.seed))
    return run


@transaction.atomic
def cancel(*, run: Run, by: User) -> None:
    """Ask a running fit to stop, or end a queued one."""
    check_may_change(by, run.campaign)
    locked = Run.objects.select_for_update().select_related("campaign").get(pk=run.pk)
    if locked.is_finished:
        raise AlreadyFinished(f"This run is {locked.state} already.")
    locked.cancel_requested = True
    if locked.state == Run.State.QUEUED:
        locked.state = Run.State.CANCELLED
        audit.save(locked, "model_fit.cancel", by=by, campaign=locked.campaign)
    else:
        locked.save(update_fields=["cancel_requested"])


def execute(run_id: int, *, announce: Announce | None = None) -> Run:
    """Fit a queued run, or one whose worker died; a second delivery of the job steps aside."""
    # Imported here: only the process that fits pays for the samplers.
    from calibration.services import fitting

    with _claimed(run_id) as run:
        if run is None:
            return Run.objects.get(pk=run_id)
        if run.attempts > MAX_ATTEMPTS:
            message = f"The worker died {MAX_ATTEMPTS} times during this run. Look at its memory and its log."
            concluding.fail(run, message)
        else:
            fitting.fit(run, announce)
        return run


@contextmanager
def _claimed(run_id: int) -> Iterator[Run | None]:
    """Hold an advisory lock for the whole fit; PostgreSQL frees it when the worker dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('run'), %s)", [run_id])
        if not cursor.fetchone()[0]:
            yield None
            return
        try:
            Run.objects.unfinished().filter(pk=run_id).update(
                state=Run.State.RUNNING, attempts=F("attempts") + 1, started_at=Now(), alive_at=Now()
            )
            run = Run.objects.select_related("campaign", "requested_by").get(pk=run_id)
            yield None if run.is_finished else run
        finally:
            cursor.execute("select pg_advisory_unlock(hashtext('run'), %s)", [run_id])


def abandoned() -> list[int]:
    """Return runs that no worker speaks for: queued too long, or silent in the middle of a fit."""
    silent = Q(state=Run.State.RUNNING, alive_at__lt=Now() - SILENT_FOR)
    forgotten = Q(state=Run.State.QUEUED, created_at__lt=Now() - timedelta(seconds=20))
    return list(Run.objects.filter(silent | forgotten).values_list("pk", flat=True))


def request_stale() -> list[int]:
    """Request a run for each open campaign that has gathered enough since its last one; return the new runs.

    While people label, a refit waits until they pause, or until the last run is old.
    """
    latest = Judgment.objects.filter(campaign=OuterRef("pk")).order_by("-pk")
    campaigns = (
        _takes_runs()
        .filter(state=Campaign.State.OPEN)
        .annotate(
            last_run=Max("runs__created_at"),
            seen=Max("runs__last_judgment_id"),
            last_judgment=Subquery(latest.values("recorded_at")[:1]),
        )
    )
    quiet = Q(last_judgment__lt=Now() - QUIET_FOR) | Q(last_run__lt=Now() - AT_LEAST_EVERY)
    new = []
    for campaign in campaigns.filter(quiet).exclude(runs__state__in=[Run.State.QUEUED, Run.State.RUNNING]):
        if campaign.judgments.filter(pk__gt=campaign.seen or 0)[:STALE_JUDGMENTS].count() >= STALE_JUDGMENTS:
            new.append(request(campaign=campaign, by=None).pk)
    return new


def _takes_runs() -> QuerySet[Campaign]:
    """Keep campaigns of comparisons, and those of which some rubric asks for labels."""
    labels = Criterion.objects.filter(rubric__campaign=OuterRef("pk"), scale=Criterion.Scale.LABELS)
    return Campaign.objects.filter(Q(task_type=Campaign.TaskType.COMPARISON) | Exists(labels))
