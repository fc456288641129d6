import io
import zipfile
from pathlib import Path

import pytest

from calibration import jobs
from calibration.models import Agreement, Export, Run
from tests.calibration import builders
from tests.calibration.views.pages import address, columns


@pytest.fixture
def queued(monkeypatch) -> list[dict[str, int]]:
    """Catch the jobs that a page schedules."""
    calls: list[dict[str, int]] = []
    monkeypatch.setattr(jobs.build_export, "delay_on_commit", lambda **options: calls.append(options))
    return calls


@pytest.fixture
def open_releases(of, rita, signed_in):
    return lambda: signed_in(rita).get(address("releases", of)).content.decode()


def test_a_build_is_queued_for_the_last_passed_run(of, run, rita, signed_in, queued):
    answer = signed_in(rita).post(address("release-build", of))
    export = of.exports.get()
    assert answer.url == address("releases", of)
    assert (export.run, export.requested_by) == (run, rita)
    assert queued == [{"export_id": export.pk}]


def test_without_a_passed_run_nothing_is_built_and_the_page_says_why(of, rita, signed_in, queued):
    builders.run(of, Run.State.NOT_CONVERGED)
    answer = signed_in(rita).post(address("release-build", of), follow=True)
    assert "No calibration run of this campaign has passed" in answer.content.decode()
    assert queued == []
    assert not of.exports.exists()


def test_a_failed_run_is_told_and_the_older_one_may_be_released(of, run, open_releases):
    builders.run(of, Run.State.NOT_CONVERGED)
    html = open_releases()
    assert "banner-bad" in html
    assert "New release" in html


def test_a_build_under_way_is_shown_with_its_progress_and_no_second_button(of, run, open_releases):
    export = builders.export(run, Export.State.RUNNING)
    Export.objects.filter(pk=export.pk).update(percent=62, stage="judgments")
    html = open_releases()
    assert 'value="62" max="100"' in html
    assert address("release-progress", of, export.public_id) in html
    assert "New release" not in html


def test_a_poll_gets_the_region_and_a_finished_build_the_whole_page(of, run, rita, signed_in):
    client = signed_in(rita)
    export = builders.export(run, Export.State.RUNNING)
    running = client.get(address("release-progress", of, export.public_id))
    assert running.content.decode().strip().startswith('<section class="panel" id="progress"')
    assert "HX-Refresh" not in running.headers
    Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED)
    assert client.get(address("release-progress", of, export.public_id)).headers["HX-Refresh"] == "true"


def test_each_release_is_listed_with_its_agreement_its_hash_and_its_size(of, run, open_releases):
    first, second = builders.export(run), builders.export(run)
    cells = columns(open_releases())
    assert [text for head, text in cells if head == "Release"] == ["Release 2", "Release 1"]
    assert ("Agreement α", "0.58 [0.53, 0.63]") in cells
    assert ("SHA-256", f"{second.archive_sha256[:8]}…{second.archive_sha256[-2:]}") in cells
    assert ("Size", f"{first.bytes} B") in cells


def test_the_agreement_of_a_release_is_that_of_people_alone(of, run, open_releases):
    builders.export(run)
    Agreement.objects.filter(run=run, who="human").delete()
    assert ("Agreement α", "not estimated") in columns(open_releases())


def test_the_files_of_the_newest_finished_release_come_from_its_manifest(of, run, open_releases):
    builders.export(run)
    builders.export(run, Export.State.FAILED)
    cells = columns(open_releases())
    assert ("File", "judgments.parquet") in cells
    assert ("Rows", "4,957") in cells
    assert ("For", "soft label of each task, with interval and n") in cells


def test_a_failed_build_says_why_and_offers_no_download(of, run, open_releases):
    export = builders.export(run, Export.State.FAILED)
    Export.objects.filter(pk=export.pk).update(error="The run saw 40 verdicts, the record now holds 41.")
    html = open_releases()
    assert "The run saw 40 verdicts" in html
    assert address("release-download", of, export.public_id) not in html


def test_a_download_streams_the_archive_under_its_name(of, run, olga, signed_in):
    export = builders.export(run)
    answer = signed_in(olga).get(address("release-download", of, export.public_id))
    body = b"".join(answer.streaming_content)
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["manifest.json"]
    assert answer["Content-Disposition"] == f'attachment; filename="steelyard-export-{of.slug}-1.zip"'
    assert int(answer["Content-Length"]) == export.bytes
    assert "private" in answer["Cache-Control"]


def test_a_release_that_is_not_built_or_lost_its_file_is_not_found(of, run, rita, signed_in, settings):
    client = signed_in(rita)
    failed, lost = builders.export(run, Export.State.FAILED), builders.export(run)
    (Path(settings.EXPORTS_DIR) / lost.archive).unlink()
    assert client.get(address("release-download", of, failed.public_id)).status_code == 404
    assert client.get(address("release-download", of, lost.public_id)).status_code == 404


def test_the_page_takes_the_same_queries_for_any_number(of, run, rita, signed_in, django_assert_num_queries):
    client = signed_in(rita)
    for more in (1, 6):
        for _ in range(more):
            builders.export(run)
        with django_assert_num_queries(11):
            client.get(address("releases", of))
