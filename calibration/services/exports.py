"""Releases: asked for, built once into immutable files, read as often as wanted."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from annotation.models import Campaign, User
from annotation.permissions import check_may_change
from annotation.services import audit
from calibration.exports import archive, options
from calibration.models import Export, Run

log = structlog.get_logger()
State = Export.State
REPORT_SECONDS = 1.0
# A million judgments are sorted by the database before the first one is read.
SORT_TIMEOUT = "15min"
# Younger ones may still wait for their first worker.
ABANDONED_AFTER = timedelta(minutes=1)


class NotReleasable(ValueError):
    """There is nothing that may be released."""


class NoPassedRun(NotReleasable):
    """The campaign has no run that passed its checks."""


class RunNotPassed(NotReleasable):
    """The run did not pass its checks; nothing is ever released from it."""


class NotBuilt(ValueError):
    """The release has no files yet, or its build failed."""


class AlreadyBuilt(ValueError):
    """The release is finished; there is nothing to cancel."""


class KeyReused(ValueError):
    """The idempotency key belongs to another release."""


class _Cancelled(Exception):
    """Somebody has cancelled the build that is under way."""


class FolderNotEmpty(ValueError):
    """The target folder holds something already."""


class RecordChanged(RuntimeError):
    """The judgments in force at the run's end are not those that the run counted."""


@transaction.atomic
def request(
    *,
    campaign: Campaign,
    by: User | None,
    run: Run | None = None,
    chosen: Mapping[str, Any] | None = None,
    key: str = "",
) -> Export:
    """Ask for a release of a passed run, the newest one unless told; the entry point queues its build.

    The same key of the same person asks for the same release.
    """
    if by:
        check_may_change(by, campaign)
    wanted = options.read(chosen or {}).as_dict()
    if key and (earlier := Export.objects.filter(requested_by=by, idempotency_key=key).first()):
        if earlier.campaign_id != campaign.pk or earlier.options != wanted or (run and earlier.run_id != run.pk):
            raise KeyReused("This Idempotency-Key has asked for another release. Use a new one.")
        return earlier
    run = run or campaign.runs.passed().order_by("-pk").first()
    if run is None:
        raise NoPassedRun("No calibration run of this campaign has passed its checks yet. Calibrate first.")
    if run.campaign_id != campaign.pk:
        raise RunNotPassed("This run belongs to another campaign. Name one of this campaign.")
    if run.state != Run.State.PASSED:
        raise RunNotPassed(f"This run is {run.state}. Only a run that passed its checks is released.")
    export = Export(campaign=campaign, run=run, requested_by=by, options=wanted, idempotency_key=key)
    audit.seal(export)
    export.save()
    return export


def build(export_id: int) -> Export:
    """Build a release; safe to run twice: the same release gives the same bytes, a finished one stays as it is."""
    with _claimed(export_id) as export:
        if export is None:
            return Export.objects.get(pk=export_id)
        try:
            _build(export)
        except _Cancelled:
            export.refresh_from_db()
        except Exception as error:
            # While the database is away nothing can be noted; the sweep finds the build again.
            if connection.is_usable():
                _fail(export, error)
            raise
        return export


@transaction.atomic
def cancel(*, export: Export, by: User) -> Export:
    """Stop a release that is not built yet; a build under way notices at its next report."""
    check_may_change(by, export.campaign)
    locked = Export.objects.select_for_update().get(pk=export.pk)
    if locked.state not in (State.QUEUED, State.RUNNING):
        raise AlreadyBuilt(f"This release is {locked.state}. Only one that is queued or running can be cancelled.")
    locked.state, locked.stage, locked.percent = State.CANCELLED, "cancelled", 0
    audit.save(locked, "export.cancel", by=by, campaign=export.campaign)
    Export.objects.filter(pk=export.pk).update(finished_at=Now())
    locked.refresh_from_db()
    return locked


def open_file(export: Export, path: str) -> tuple[IO[bytes], int, str, str]:
    """Open one file of a finished release: the file, its size, hash and kind."""
    archive_path = path_of(export)
    entry = next((one for one in (export.manifest or {}).get("files", []) if one["path"] == path), None)
    if entry is None or not archive_path.is_file():
        raise FileNotFoundError(path)
    # Unpacked as a whole: a range in the middle of packed bytes cannot be found.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    archive.copy_out(archive_path, path, file)
    return file, entry["bytes"], entry["sha256"], entry["media_type"]


def write(export: Export, folder: Path) -> Path:
    """Write the files of a finished release into an empty or new folder."""
    source = path_of(export)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(f"{folder} is not empty. Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    archive.unpack(source, folder)
    return folder


def path_of(export: Export) -> Path:
    """Return the packed file of a finished release."""
    if export.state != State.DONE:
        raise NotBuilt(export.error or f"This release is {export.state}. Wait until it is done.")
    return Path(settings.EXPORTS_DIR) / export.archive


def file_name(export: Export) -> str:
    """Return the name under which a release is downloaded: ASCII, free of anything that a header could take amiss."""
    return f"steelyard-export-{export.campaign.slug}-{number_of(export)}.zip"


def number_of(export: Export) -> int:
    """Count the campaign's releases up to this one."""
    return Export.objects.filter(campaign=export.campaign_id, pk__lte=export.pk).count()


def abandoned() -> list[int]:
    """Return releases that nobody builds: their message or their worker was lost."""
    waiting = Export.objects.filter(state__in=[State.QUEUED, State.RUNNING], created_at__lt=Now() - ABANDONED_AFTER)
    return [pk for pk in waiting.values_list("pk", flat=True) if _is_free(pk)]


@contextmanager
def _claimed(export_id: int) -> Iterator[Export | None]:
    """Hold an advisory lock while the build runs, so that a second delivery of the job steps aside."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('export'), %s)", [export_id])
        if not cursor.fetchone()[0]:
            yield None
            return
        try:
            cursor.execute("select set_config('statement_timeout', %s, false)", [SORT_TIMEOUT])
            export = Export.objects.select_related("campaign", "run__campaign", "requested_by").get(pk=export_id)
            yield None if export.state in (State.DONE, State.CANCELLED) else export
        finally:
            cursor.execute("reset statement_timeout")
            cursor.execute("select pg_advisory_unlock(hashtext('export'), %s)", [export_id])


def _is_free(export_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_lock(hashtext('export'), %s) and pg_advisory_unlock(hashtext('export'), %s)",
            [export_id, export_id],
        )
        return bool(cursor.fetchone()[0])


def _build(export: Export) -> None:
    # Arrow and pandas stay out of the web process, which imports this module to ask for releases.
    from calibration.exports import bundle, files, manifest, origin, protocol, snapshot

    if not _unfinished(export).update(state=State.RUNNING, percent=0, stage="reading", error=""):
        raise _Cancelled
    root = Path(settings.EXPORTS_DIR)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in root.glob(f".{export.public_id}-*"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{export.public_id}-", dir=root))
    try:
        seen = snapshot.Snapshot(export.run)
        comes_from = origin.of(export, seen.released, number=number_of(export))
        _check_counts(export.run, seen.verdicts())
        folder = work / "files"
        folder.mkdir()
        written = bundle.write(
            folder,
            seen,
            comes_from,
            protocol.rubrics(export.run),
            options=options.read(export.options),
            secret=settings.SECRET_KEY,
            progress=_reporter(export),
        )
        packed = work / "packed.zip"
        archive.pack(folder, packed, prefix=comes_from.folder_name)
        export.archive_sha256, export.bytes = files.sha256(packed), packed.stat().st_size
        export.archive = f"{export.public_id}.zip"
        packed.replace(root / export.archive)
        _finish(export, written, manifest.sha256(written))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _finish(export: Export, written: dict[str, Any], digest: str) -> None:
    export.manifest, export.manifest_sha256 = written, digest
    export.state, export.stage, export.percent, export.error = State.DONE, "done", 100, ""
    with transaction.atomic():
        if not _under_way(export).select_for_update().exists():
            raise _Cancelled
        audit.save(
            export,
            "export.create",
            by=export.requested_by,
            campaign=export.campaign,
            manifest_sha256=digest,
            run=str(export.run.public_id),
        )
        Export.objects.filter(pk=export.pk).update(finished_at=Now())


def _fail(export: Export, error: Exception) -> None:
    """Say what went wrong and what to do; the cause of a surprise stands in the log alone."""
    log.exception("export.failed", export=str(export.public_id))
    known = isinstance(error, ValueError | RecordChanged)
    reason = str(error) if known else f"The build stopped on {type(error).__name__}. Ask for the release again."
    export.state, export.error, export.stage, export.percent = State.FAILED, reason[:1_000], "failed", 0
    export.manifest, export.manifest_sha256 = None, ""
    with transaction.atomic():
        audit.save(export, "export.fail", by=export.requested_by, campaign=export.campaign)
        Export.objects.filter(pk=export.pk).update(finished_at=Now())


def _reporter(export: Export) -> Callable[[str, int], None]:
    """Return a callback that writes progress at most once a second, and at each new stage."""
    last_stage, last_at = "", 0.0

    def report(stage: str, percent: int) -> None:
        nonlocal last_stage, last_at
        now = time.monotonic()
        if stage != last_stage or now - last_at >= REPORT_SECONDS:
            last_stage, last_at = stage, now
            if not _under_way(export).update(stage=stage, percent=percent):
                raise _Cancelled

    return report


def _under_way(export: Export) -> QuerySet[Export]:
    return Export.objects.filter(pk=export.pk, state=State.RUNNING)


def _unfinished(export: Export) -> QuerySet[Export]:
    return Export.objects.filter(pk=export.pk).exclude(state__in=[State.DONE, State.CANCELLED])


def _check_counts(run: Run, found: int) -> None:
    """Refuse when a judgment with an earlier id was committed after the run had read the record."""
    counted = run.counts.get("judgments")
    if counted is not None and counted != found:
        raise RecordChanged(
            f"The run saw {counted} verdicts, the record now holds {found} of that time. Calibrate again, then release."
        )
