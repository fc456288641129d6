"""The page about the API: its commands run as they stand, its list of codes is complete."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from annotation.api import problems
from annotation.services import imports
from calibration.models import Run
from calibration.services import exports
from tests import factories
from tests.calibration.exports import builders

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed; the page's commands need it")
@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_run_as_they_stand(live_server, monkeypatch, tmp_path: Path):
    rita = factories.user("rita", may_create_campaigns=True)
    _run_jobs_at_once(monkeypatch)
    script = "set -euo pipefail\n" + "\n".join(
        re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    )
    environment = {"STEELYARD": live_server.url, "SY_USER": rita.username, "SY_PASSWORD": factories.PASSWORD}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "release.zip: OK" in done.stdout
    assert "calibrated.parquet" in done.stdout
    assert Run.objects.get().seed == 7


@pytest.mark.django_db
def test_the_page_names_every_code():
    page = PAGE.read_text()
    assert [code for _, code in problems.REFUSALS.values() if f"`{code}`" not in page] == []


def _run_jobs_at_once(monkeypatch) -> None:
    """Stand in for the worker: each job runs while its request waits, the fit as a run with ready figures."""

    def calibrate(*, run_id: int) -> None:
        run = Run.objects.select_related("campaign").get(pk=run_id)
        ready = builders.passed_run(run.campaign)
        Run.objects.filter(pk=run_id).delete()
        Run.objects.filter(pk=ready.pk).update(public_id=run.public_id, seed=run.seed)

    monkeypatch.setattr("annotation.jobs.run_import.delay_on_commit", lambda *, import_id: imports.run(import_id))
    monkeypatch.setattr("calibration.jobs.calibrate.delay_on_commit", calibrate)
    monkeypatch.setattr("calibration.jobs.build_export.delay_on_commit", lambda *, export_id: exports.build(export_id))
