"""Bring files in: check and preview, then all or nothing."""

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from annotation.models import Campaign, Import, Judgment, Prompt, Response, Task, User
from annotation.permissions import check_may_change
from annotation.readers import FORMATS, sniffing
from annotation.readers.errors import ErrorLog
from annotation.readers.sources.unpacking import unpacked
from annotation.services import audit
from annotation.services.intake import Intake

# Have the format guessed from the columns of the first row.
AUTO = "auto"
SAMPLES = 5
PROGRESS_EVERY = 2_000


class UploadRefused(ValueError):
    """The upload cannot be taken as it is."""


class Upload(Protocol):
    """A named stream of bytes: an uploaded file, or an open one."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


class _Rollback(Exception):
    """Leave the transaction without storing anything."""


def start(
    *,
    campaign: Campaign,
    files: Iterable[Upload],
    format: str,  # noqa: A002
    source_name: str,
    by: User,
    pairs_per_prompt: int | None = None,
    commit: bool = False,
) -> Import:
    """Keep the uploaded files and queue their check; with `commit` they are stored when the check finds no error."""
    check_may_change(by, campaign)
    _check_format(format)
    draft = Import(campaign=campaign, requested_by=by, format=format, is_commit=commit)
    draft.source_name = _slug(source_name) or campaign.slug
    draft.pairs_per_prompt = pairs_per_prompt
    folder = settings.IMPORTS_DIR / str(draft.public_id)
    names, draft.sha256 = _keep(files, folder)
    draft.path = str(folder / names[0]) if len(names) == 1 else str(folder)
    draft.format = _named(format, Path(draft.path))
    draft.file_name = ", ".join(names)[:200]
    return _create(draft, by)


def start_from_path(
    *,
    campaign: Campaign,
    path: Path,
    format: str,  # noqa: A002
    source_name: str = "",
    by: User | None,
    pairs_per_prompt: int | None = None,
) -> Import:
    """Queue the import of a file or folder on this machine."""
    _check_format(format)
    if not path.exists():
        raise UploadRefused(f"{path} does not exist. Name a file or a folder.")
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    draft = Import(campaign=campaign, requested_by=by, format=format, is_commit=True, path=str(path.resolve()))
    draft.source_name = _slug(source_name) or campaign.slug
    draft.format = _named(format, path)
    draft.pairs_per_prompt, draft.file_name, draft.sha256 = pairs_per_prompt, path.name[:200], digest.hexdigest()
    return _create(draft, by)


def _create(draft: Import, by: User | None) -> Import:
    earlier = Import.objects.filter(
        campaign=draft.campaign, format=draft.format, sha256=draft.sha256, state=Import.State.DONE
    ).first()
    if earlier:
        return earlier
    audit.seal(draft)
    draft.save()
    return draft


def confirm(*, import_: Import, by: User) -> None:
    """Commit a previewed import."""
    check_may_change(by, import_.campaign)
    taken = Import.objects.filter(pk=import_.pk, state=Import.State.PREVIEWED, error_total=0).update(
        state=Import.State.QUEUED, is_commit=True, rows_done=0
    )
    if not taken:
        raise UploadRefused("Only a checked file without errors can be imported. Upload the mended file.")


def run(import_id: int) -> Import:
    """Check a queued import and, when it is to be committed, store it; safe to run twice."""
    with _claimed(import_id) as source:
        if source is None:
            return Import.objects.get(pk=import_id)
        errors = ErrorLog()
        try:
            with transaction.atomic():
                intake = _read(source, errors)
                if errors.total or not source.is_commit:
                    source.samples = _samples(source)
                    raise _Rollback
                _finish(source, Import.State.DONE, intake, errors)
                _record(source, intake)
            _tell_the_planner()
        except _Rollback:
            state = Import.State.FAILED if errors.total else Import.State.PREVIEWED
            _finish(source, state, intake, errors)
        return source


@contextmanager
def _claimed(import_id: int) -> Iterator[Import | None]:
    """Hold an advisory lock while the import runs, so that a second delivery of the job steps aside."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('import'), %s)", [import_id])
        if not cursor.fetchone()[0]:
            yield None
            return
        try:
            source = Import.objects.select_related("campaign", "requested_by").get(pk=import_id)
            Import.objects.filter(pk=import_id, state=Import.State.QUEUED).update(state=Import.State.RUNNING)
            yield None if source.is_finished else source
        finally:
            cursor.execute("select pg_advisory_unlock(hashtext('import'), %s)", [import_id])


def _read(source: Import, errors: ErrorLog) -> Intake:
    intake = Intake(source, errors, source.requested_by)
    rows = 0
    with unpacked(Path(source.path), errors) as path:
        for row in FORMATS[source.format](path, errors) if path else ():
            rows += 1
            if not errors.total:
                intake.take(row)
            if rows % PROGRESS_EVERY == 0:
                _announce(source.pk, rows)
    if not errors.total:
        intake.finish()
    source.rows_done = rows
    return intake


def _announce(import_id: int, rows: int) -> None:
    """Write progress over a second connection: the import's own transaction is not visible before it ends."""

    def write() -> None:
        Import.objects.filter(pk=import_id).update(rows_done=rows)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


def _finish(source: Import, state: Import.State, intake: Intake, errors: ErrorLog) -> None:
    source.state = state
    source.counts = dict(intake.counts)
    source.errors = [error.as_dict() for error in errors.rows]
    source.error_total = errors.total
    source.notes = [f"{note.file}: {note.message}" for note in errors.notes]
    source.save()
    Import.objects.filter(pk=source.pk).update(finished_at=Now())


def _record(source: Import, intake: Intake) -> None:
    audit.record(
        "task.import",
        source,
        by=source.requested_by,
        campaign=source.campaign,
        format=source.format,
        sha256=source.sha256,
        tasks=intake.counts["tasks"],
        judgments=intake.counts["judgments"],
    )


def _tell_the_planner() -> None:
    """Let the database count what came in: plans made for empty tables take minutes on full ones."""
    tables = ", ".join(model._meta.db_table for model in (Task, Judgment, Response, Prompt))
    with connection.cursor() as cursor:
        cursor.execute(f"analyze (skip_locked) {tables}")


def _samples(source: Import) -> list[dict[str, Any]]:
    tasks = source.campaign.tasks.filter(is_servable=True).select_related("prompt", "response_a", "response_b")
    return [
        {
            "prompt_html": t.prompt.html,
            "left_html": t.response_a.html,
            "right_html": t.response_b.html if t.response_b else None,
        }
        for t in tasks.order_by("-id")[:SAMPLES]
    ]


def _check_format(name: str) -> None:
    if name != AUTO and name not in FORMATS:
        raise UploadRefused(f"{name!r} is not a format. Choose one of {', '.join([AUTO, *FORMATS])}.")


def _named(format_: str, path: Path) -> str:
    """Return the format that was named, or the one that the file looks like."""
    if format_ != AUTO:
        return format_
    with unpacked(path, ErrorLog()) as found:
        guessed = sniffing.guess(found) if found else None
    if guessed is None:
        raise UploadRefused(f"The file looks like none of the formats. Name it: {', '.join(FORMATS)}.")
    return guessed


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:100]


def _keep(files: Iterable[Upload], folder: Path) -> tuple[list[str], str]:
    folder.mkdir(parents=True, mode=0o700)
    names, digest, size = [], hashlib.sha256(), 0
    for file in files:
        name = _slug(Path(file.name or "").name)
        if not name or name in names:
            raise UploadRefused("Each file needs a name of its own, of letters, digits, dots and dashes.")
        names.append(name)
        one = hashlib.sha256()
        with (folder / name).open("wb") as kept:
            size += _copy(file, kept, one)
        if size > settings.IMPORT_MAX_BYTES:
            raise UploadRefused(f"The upload is larger than {settings.IMPORT_MAX_BYTES:,} bytes. Split it.")
        digest.update(one.digest())
    if not names:
        raise UploadRefused("Choose at least one file.")
    return names, digest.hexdigest()


def _copy(file: Upload, kept: IO[bytes], digest: Any) -> int:
    size = 0
    for chunk in file.chunks():
        kept.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    return size
