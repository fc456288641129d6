"""Asking for releases, building them, failing well, and what the audit log says of it."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models.functions import Now
from django.http import Http404

from annotation.models import AuditEvent, Membership
from annotation.services import campaigns
from calibration.exports.options import BadOption
from calibration.models import Export, Run
from calibration.services import exports
from tests import factories
from tests.calibration.exports import builders

pytestmark = pytest.mark.django_db


def events(export: Export, action: str) -> list[dict[str, object]]:
    bodies = [json.loads(bytes(event.body)) for event in AuditEvent.objects.order_by("pk")]
    return [body for body in bodies if body["action"] == action and body["object"]["id"] == str(export.public_id)]


def test_the_newest_passed_run_is_released_unless_another_is_named():
    campaign = builders.campaign()
    older, newest = builders.passed_run(campaign), builders.passed_run(campaign)
    builders.passed_run(campaign, state=Run.State.NOT_CONVERGED)
    assert exports.request(campaign=campaign, by=None).run == newest
    assert exports.request(campaign=campaign, by=None, run=older).run == older


def test_nothing_is_released_without_a_passed_run():
    campaign, other = builders.campaign(), builders.campaign()
    with pytest.raises(exports.NoPassedRun, match="Calibrate first"):
        exports.request(campaign=campaign, by=None)
    for state in set(Run.State.values) - {Run.State.PASSED, Run.State.QUEUED, Run.State.RUNNING}:
        run = builders.passed_run(campaign, state=state)
        with pytest.raises(exports.RunNotPassed, match=state):
            exports.request(campaign=campaign, by=None, run=run)
    with pytest.raises(exports.NoPassedRun):
        exports.request(campaign=campaign, by=None)
    with pytest.raises(exports.RunNotPassed, match="another campaign"):
        exports.request(campaign=campaign, by=None, run=builders.passed_run(other))
    assert not Export.objects.exists()


def test_only_researchers_ask_for_a_release():
    campaign = builders.campaign()
    builders.passed_run(campaign)
    olga = factories.user()
    campaigns.add_member(
        campaign=campaign, user=olga, role=Membership.Role.AUDITOR, by=factories.researcher_of(campaign)
    )
    with pytest.raises(PermissionDenied):
        exports.request(campaign=campaign, by=olga)
    with pytest.raises(Http404):
        exports.request(campaign=campaign, by=factories.user())
    with pytest.raises(BadOption):
        exports.request(campaign=campaign, by=None, chosen={"tie": "drop"})
    assert not Export.objects.exists()
    assert exports.request(campaign=campaign, by=factories.researcher_of(campaign)).state == "queued"


def test_a_finished_build_leaves_its_event_with_manifest_hash_and_run(built):
    campaign = builders.campaign()
    rita = factories.researcher_of(campaign)
    export = exports.request(campaign=campaign, by=rita, run=builders.passed_run(campaign))
    built(export)
    (event,) = events(export, "export.create")
    assert event["data"] == {"manifest_sha256": export.manifest_sha256, "run": str(export.run.public_id)}
    assert event["actor"]["id"] == str(rita.public_id)
    assert event["object"] == {"type": "export", "id": str(export.public_id)}
    assert (export.state, export.percent, export.stage, export.error) == ("done", 100, "done", "")
    assert export.finished_at is not None
    assert export.bytes == exports.path_of(export).stat().st_size


def test_a_finished_release_is_not_built_again(built):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    built(export)
    stamp = exports.path_of(export).stat().st_mtime_ns
    assert exports.build(export.pk).state == "done"
    assert exports.path_of(export).stat().st_mtime_ns == stamp
    assert len(events(export, "export.create")) == 1


def test_a_build_that_fails_says_why_leaves_no_file_and_can_be_tried_again(built, monkeypatch, state_dir: Path):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))

    def fail(*args, **kwargs):
        raise OSError("disk full: /secret/path")

    with monkeypatch.context() as patch:
        patch.setattr("calibration.exports.archive.pack", fail)
        with pytest.raises(OSError, match="disk full"):
            exports.build(export.pk)
    export.refresh_from_db()
    assert (export.state, export.manifest, export.manifest_sha256) == ("failed", None, "")
    assert export.error == "The build stopped on OSError. Ask for the release again."
    assert len(events(export, "export.fail")) == 1
    assert list((state_dir / "exports").iterdir()) == []
    with pytest.raises(exports.NotBuilt, match="stopped on OSError"):
        exports.path_of(export)
    built(export)
    assert (export.state, export.error) == ("done", "")


def test_nothing_is_done_when_the_audit_fails(monkeypatch):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))

    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    monkeypatch.setattr("annotation.services.audit._insert", fail)
    with pytest.raises(RuntimeError, match="full"):
        exports.build(export.pk)
    export.refresh_from_db()
    assert (export.state, export.manifest_sha256) == ("running", "")


def test_a_criterion_that_nobody_judged_fails_with_the_known_ones():
    campaign = builders.campaign()
    export = exports.request(
        campaign=campaign, by=None, run=builders.passed_run(campaign), chosen={"criterion": "honesty"}
    )
    with pytest.raises(ValueError, match="honesty"):
        exports.build(export.pk)
    export.refresh_from_db()
    assert export.error == "No judgment is about 'honesty'. Choose one of overall."


def test_progress_is_written_while_the_build_lasts(monkeypatch):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    seen: list[tuple[str, int]] = []
    original = exports._reporter

    def spy(of: Export):
        report = original(of)

        def both(stage: str, percent: int) -> None:
            report(stage, percent)
            stored = Export.objects.get(pk=of.pk)
            seen.append((stored.stage, stored.percent))

        return both

    monkeypatch.setattr(exports, "_reporter", spy)
    exports.build(export.pk)
    assert [stage for stage, _ in seen] == ["judgments", "calibrated tasks", "preference"]
    percents = [percent for _, percent in seen]
    assert percents == sorted(percents)
    assert 0 < percents[0] < percents[-1] < 100


def test_what_a_dead_worker_left_is_removed_and_the_build_repeated(built, state_dir: Path):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    left = state_dir / "exports" / f".{export.public_id}-dead"
    left.mkdir(parents=True)
    (left / "half").write_text("half")
    Export.objects.filter(pk=export.pk).update(state="running", percent=40)
    built(export)
    assert [path.name for path in (state_dir / "exports").iterdir()] == [export.archive]


def test_builds_that_nobody_carries_out_are_found_after_a_while(built):
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    young, old, done = (exports.request(campaign=campaign, by=None, run=run) for _ in range(3))
    built(done)
    Export.objects.filter(pk__in=[old.pk, done.pk]).update(created_at=Now() - timedelta(minutes=5))
    assert exports.abandoned() == [old.pk]
    assert young.state == "queued"


@pytest.mark.django_db(transaction=True)
def test_a_second_delivery_steps_aside_while_the_first_builds():
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    Export.objects.update(created_at=Now() - timedelta(minutes=5))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('export'), %s)", [export.pk])
        assert exports.build(export.pk).state == "queued"
        assert exports.abandoned() == []
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock_all()")
    finally:
        other.close()
    assert exports.abandoned() == [export.pk]


def test_a_finished_release_is_written_into_an_empty_folder_only(built, tmp_path: Path):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    with pytest.raises(exports.NotBuilt):
        exports.write(export, tmp_path / "out")
    files = built(export)
    folder = exports.write(export, tmp_path / "out")
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == files
    with pytest.raises(exports.FolderNotEmpty, match="not empty"):
        exports.write(export, folder)


def test_the_file_name_counts_the_campaigns_releases_and_is_plain_ascii(built):
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    first, second = (exports.request(campaign=campaign, by=None, run=run) for _ in range(2))
    exports.request(campaign=(other := builders.campaign()), by=None, run=builders.passed_run(other))
    assert exports.file_name(first) == f"steelyard-export-{campaign.slug}-1.zip"
    assert exports.file_name(second) == f"steelyard-export-{campaign.slug}-2.zip"
    built(second)
    with zipfile.ZipFile(exports.path_of(second)) as packed:
        assert {name.split("/")[0] for name in packed.namelist()} == {f"steelyard-export-{campaign.slug}-2"}
        assert packed.testzip() is None
