"""`manage.py calibrate`: exit codes, what is written, and that it needs neither database nor settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[3]
DEPLOYED = {"DATABASE_URL", "SECRET_KEY", "DEVELOPMENT", "DJANGO_SETTINGS_MODULE"}


def run(*arguments):
    bare = {name: value for name, value in os.environ.items() if name not in DEPLOYED}
    command = [sys.executable, "-W", "error::DeprecationWarning", ROOT / "manage.py", "calibrate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=bare)


@pytest.fixture
def votes(frame, tmp_path):
    path = tmp_path / "votes.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_file_becomes_files(votes, frame, unsampled, tmp_path, capsys):
    rows = tmp_path / "rows.csv"
    frame.drop(columns="outcome").head(5).to_csv(rows, index=False)
    call_command("calibrate", votes, kind="comparison", out=tmp_path / "out", predict=rows, seed=6, chains=2, draws=150)
    assert unsampled == [{"seed": 6, "chains": 2, "draws": 150}]
    assert len(pd.read_csv(tmp_path / "out" / "predictions.csv")) == 5
    assert json.loads((tmp_path / "out" / "run.json").read_text())["settings"]["seed"] == 6
    told = capsys.readouterr()
    assert "100% done" in told.err
    assert told.out == f"Wrote {tmp_path / 'out'}\n"


def test_a_fit_that_fails_its_checks_is_written_and_exits_1(votes, unconverged, tmp_path):
    with pytest.raises(CommandError, match=r"not released numbers[\s\S]*R-hat is 2.000") as failed:
        call_command("calibrate", votes, out=tmp_path / "out")
    assert failed.value.returncode == 1
    assert json.loads((tmp_path / "out" / "run.json").read_text())["passed"] is False


def test_a_bad_file_exits_2_without_database_or_settings_and_writes_nothing(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("item,annotator,system_a,system_b,outcome\n1,p,x,y,left\n")
    told = run(path, "--kind", "comparison", "--out", tmp_path / "out")
    assert told.returncode == 2, told.stderr
    assert "votes.csv, line 2, outcome: must be one of a, b, tie, both_bad" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_fit(votes, unsampled, tmp_path):
    with pytest.raises(CommandError, match="is a file") as failed:
        call_command("calibrate", votes, out=votes / "out")
    assert failed.value.returncode == 2
    assert unsampled == []


def test_stopping_writes_nothing(votes, monkeypatch, tmp_path):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("calibration.bayes.sampling.fit", stopped)
    with pytest.raises(CommandError, match="nothing was written") as failed:
        call_command("calibrate", votes, out=tmp_path / "out")
    assert failed.value.returncode == 130
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_same_file_and_seed_give_the_same_bytes(votes, frame, tmp_path):
    rows = tmp_path / "rows.csv"
    frame.drop(columns="outcome").head(5).to_csv(rows, index=False)
    for name in ("one", "two"):
        told = run(votes, "--out", tmp_path / name, "--predict", rows, "--seed", "8")
        assert told.returncode == 0, told.stderr
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
