"""The life of a run: pause, resume, cancel, and the end with its sentinels."""

from django.db import transaction
from django.db.models.functions import Now

from annotation.judges import sentinels
from annotation.models import JudgeConfig, JudgeRequest, JudgeRun, User
from annotation.models.annotators import Annotator
from annotation.permissions import check_may_change
from annotation.services import audit
from annotation.services.judging.endpoints import JudgeRefused

State = JudgeRun.State
ENDED = (State.FINISHED, State.CANCELLED)


@transaction.atomic
def pause(*, run: JudgeRun, by: User) -> None:
    """Send nothing more until the run is resumed; calls under way end."""
    _change(run, by, State.PAUSED, "judge_run.pause", "Paused by a researcher.")


@transaction.atomic
def resume(*, run: JudgeRun, by: User) -> None:
    _change(run, by, State.RUNNING, "judge_run.resume", "")


@transaction.atomic
def cancel(*, run: JudgeRun, by: User) -> None:
    """End the run; what was not asked is never asked, what was judged stays."""
    _change(run, by, State.CANCELLED, "judge_run.cancel", "Cancelled by a researcher.")
    run.requests.filter(state=JudgeRequest.State.QUEUED).update(state=JudgeRequest.State.CANCELLED)


def _change(run: JudgeRun, by: User, state: str, action: str, reason: str) -> None:
    check_may_change(by, run.campaign)
    locked = JudgeRun.objects.select_for_update().get(pk=run.pk)
    if not locked.is_open:
        raise JudgeRefused(f"This run is {locked.state}. Start another one.")
    locked.state, locked.reason = state, reason
    audit.save(locked, action, by=by, campaign=locked.campaign)
    run.refresh_from_db()


def pause_now(run: JudgeRun, reason: str, *, by: Annotator | None = None) -> None:
    """Pause a run for a reason found on the way, inside the caller's transaction."""
    locked = JudgeRun.objects.select_for_update().get(pk=run.pk)
    if locked.state == State.RUNNING:
        locked.state, locked.reason = State.PAUSED, reason[:300]
        audit.save(locked, "judge_run.pause", by=by, campaign=locked.campaign)


def pause_endpoint(config: JudgeConfig, reason: str) -> None:
    """Pause every run that would call the endpoint."""
    for run in JudgeRun.objects.filter(config__endpoint=config.endpoint, state=State.RUNNING).order_by("pk"):
        pause_now(run, reason)


@transaction.atomic
def finish_if_done(config: JudgeConfig) -> None:
    """End the open run once nothing of it is left to ask, and set it aside if its sentinels went wrong."""
    run = config.runs.select_for_update().filter(state=State.RUNNING).first()
    if run is None or run.requests.filter(state__in=JudgeRequest.OPEN).exists():
        return
    run.state, run.finished_at, run.reason = State.FINISHED, Now(), ""
    run.quarantine_reason = sentinels.breaches(sentinel_report(run))[:300]
    run.is_quarantined = bool(run.quarantine_reason)
    audit.save(run, "judge_run.finish", by=None, campaign=run.campaign, is_quarantined=run.is_quarantined)


def sentinel_report(run: JudgeRun) -> list[sentinels.Rate]:
    """Return the rates of the run's sentinels."""
    if run.kind != JudgeRun.Kind.JUDGING:
        return []
    return sentinels.report(_answers(run))


def _answers(run: JudgeRun) -> list[sentinels.Answer]:
    columns = ("task_id", "criterion_key", "shown_order", "probe", "state", "verdict", "sample")
    rows = list(run.config.requests.exclude(verdict=None).order_by("pk").values_list(*columns))
    plain = {row[:3]: row[5].get("outcome") for row in rows if not row[3] and row[6] == 0}
    own = set(run.requests.exclude(probe="").exclude(verdict=None).values_list("task_id", "probe", "sample"))
    top = len(run.campaign.rubric.criteria.order_by("position").values_list("options", flat=True).first() or [])
    return [
        sentinels.Answer(
            probe=probe, shown_order=order, state=verdict["state"], outcome=verdict.get("outcome"),
            unchanged=plain.get((task, criterion, order)), score=verdict.get("score"), top_score=top or None,
        )
        for task, criterion, order, probe, _, verdict, sample in rows
        if probe and (task, probe, sample) in own
    ]  # fmt: skip
