"""The command line against a real server: the page's commands run as they stand."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from calibration.models import Export
from steelyard import Client, Refused, commands
from tests import factories
from tests.calibration.api.test_documentation import _run_jobs_at_once
from tests.calibration.exports import builders

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "command-line.md"
pytestmark = pytest.mark.django_db(transaction=True)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_a_newcomer_gets_from_a_token_to_pandas_with_the_commands_of_the_page(live_server, monkeypatch, tmp_path: Path):
    campaign = builders.campaign()
    rita = factories.researcher_of(campaign)
    _run_jobs_at_once(monkeypatch)
    environment = os.environ | {
        "STEELYARD": live_server.url, "SY_USER": rita.username, "SY_PASSWORD": factories.PASSWORD,
        "CAMPAIGN": campaign.slug, "HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    script = "set -euo pipefail\n" + "\n".join(blocks("sh"))
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK: files match the manifest; unsigned" in done.stdout
    assert campaign.slug in done.stdout
    kept = tmp_path / ".config" / "steelyard" / "token.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    judged = [json.loads(line) for line in (tmp_path / "judgments.jsonl").read_text().splitlines()]
    assert {row["outcome"] for row in judged} == {"a"}
    monkeypatch.setenv("HOME", str(tmp_path))
    names: dict[str, object] = {"RELEASE": str(Export.objects.get().public_id)}
    exec(blocks("python")[0], names)  # noqa: S102
    assert names["calibrated"].equals(pd.read_parquet(tmp_path / "data" / "calibrated.parquet"))


def test_a_broken_download_is_continued_and_a_damaged_one_refused(live_server, tmp_path: Path):
    from calibration.services import exports

    campaign = builders.campaign()
    export = exports.build(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign)).pk)
    rita = factories.researcher_of(campaign)
    client = Client(live_server.url).login(rita.username, factories.PASSWORD, name="test", scope="read")
    whole = exports.path_of(export).read_bytes()
    (tmp_path / "x.zip.part").write_bytes(whole[:1000])
    assert client.download(str(export.public_id), tmp_path / "x.zip").read_bytes() == whole
    (tmp_path / "y.zip.part").write_bytes(b"not ours")
    with pytest.raises(Exception, match="damaged"):
        client.download(str(export.public_id), tmp_path / "y.zip")
    with pytest.raises(Refused) as refused:
        client.release(campaign.slug)
    assert refused.value.code == "token_scope"


def test_errors_say_what_to_do(live_server, monkeypatch, tmp_path: Path, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("STEELYARD_TOKEN", raising=False)
    assert commands.main(["campaigns"]) == 1
    assert "steelyard login" in capsys.readouterr().err
    monkeypatch.setenv("SY_PASSWORD", "wrong")
    assert commands.main(["login", live_server.url, "--user", "nobody"]) == 1
    assert capsys.readouterr().err.strip()
    monkeypatch.setenv("STEELYARD", "http://127.0.0.1:9")
    monkeypatch.setenv("STEELYARD_TOKEN", "sy_none")
    assert commands.main(["campaigns"]) == 1
    assert "does not answer" in capsys.readouterr().err
