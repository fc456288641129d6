from pathlib import Path

import pytest

from deploy.local import plan
from deploy.local.plan import ROOT, BadSetting


def test_defaults_need_no_environment() -> None:
    chosen = plan.from_environment({})
    assert chosen.port == 8000
    assert chosen.state_dir == ROOT / ".state"
    assert chosen.database_url is None


def test_the_environment_decides(tmp_path: Path) -> None:
    given = {"PORT": "8123", "STATE_DIR": str(tmp_path), "DATABASE_URL": "postgresql://someone@host/name"}
    chosen = plan.from_environment(given, seed=False)
    assert (chosen.port, chosen.state_dir, chosen.database_url) == (8123, tmp_path, given["DATABASE_URL"])
    assert chosen.address == "http://127.0.0.1:8123"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(BadSetting, match="a port is a number from 1 to 65535"):
        plan.from_environment({"PORT": port})


def test_programs_get_the_development_flag_and_a_compile_folder_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEVELOPMENT", raising=False)
    monkeypatch.delenv("PYTENSOR_FLAGS", raising=False)
    chosen = plan.from_environment({"STATE_DIR": str(tmp_path)})
    given = chosen.environment(database_url="postgresql:///x", judge_port=8001)
    assert given["DEVELOPMENT"] == "1"
    assert given["JUDGE_DEMO_URL"] == "http://127.0.0.1:8001"
    assert given["PYTENSOR_FLAGS"] == f"base_compiledir={tmp_path}/pytensor,cxx="
