import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "local" / "clean.sh"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Give a folder with the script and what running and testing leave behind."""
    (tmp_path / "deploy/local/__pycache__").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "deploy/local")
    for folder in (".state/postgres", ".venv/bin", ".mypy_cache"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "kept.py").write_text("")
    return tmp_path


def clean(clone: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "STATE_DIR"}
    command = ["sh", str(clone / "deploy/local/clean.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_everything_made_is_removed_and_sources_stay(clone: Path) -> None:
    assert clean(clone).returncode == 0
    assert sorted(path.name for path in clone.rglob("*")) == ["clean.sh", "deploy", "kept.py", "local"]


def test_a_database_behind_a_link_is_removed_too(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "database"
    elsewhere.mkdir()
    (clone / ".state/postgres").rmdir()
    (clone / ".state/postgres").symlink_to(elsewhere)
    assert clean(clone).returncode == 0
    assert not elsewhere.exists()


def test_nothing_is_removed_while_it_runs(clone: Path) -> None:
    (clone / ".state/run.json").write_text("{}")
    with (clone / ".state/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = clean(clone)
    assert refused.returncode == 1
    assert "Stop it first" in refused.stderr
    assert (clone / ".state/postgres").exists()
