import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deploy.local import programs

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
QUEUES = {"default", "fits"}


def tool(name: str) -> str:
    """Return a checking program from the environment the tests run in."""
    return str(Path(sys.executable).parent / name)


def check(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def settings_of_example() -> dict[str, str]:
    lines = (DEPLOY / "env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_scripts_pass_shellcheck() -> None:
    check(tool("shellcheck"), *sorted(DEPLOY.rglob("*.sh")), ROOT / ".ci" / "run")


def test_the_image_passes_hadolint() -> None:
    check(tool("hadolint"), DEPLOY / "Dockerfile")


def test_compose_follows_its_schema() -> None:
    check(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_units_are_valid_and_confined() -> None:
    check("sh", DEPLOY / "systemd" / "verify.sh")


def test_every_copied_path_of_the_image_exists() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert {"manage.py", "requirements.lock", "annotation", "calibration"} <= set(copied)
    assert [path for path in copied if not (ROOT / path).exists()] == []


def test_all_ways_to_run_start_the_same_programs() -> None:
    """Web, clock and a worker of each queue, wherever Steelyard runs."""
    units = " ".join(unit.read_text() for unit in UNITS)
    services = " ".join(str(service.get("command", "")) for service in compose()["services"].values())
    local = " ".join(" ".join(command) for command in (programs.worker("default"), programs.worker("fits")))
    assert {unit.stem for unit in UNITS} == {f"steelyard-{name}" for name in ("web", "worker", "fits", "beat")}
    assert {"web", "worker", "fits", "beat", "postgres", "redis"} <= set(compose()["services"])
    for text in (units, services, local):
        assert set(re.findall(r"--queues[= ](\w+)", text)) == QUEUES


def test_production_never_sets_the_development_flag() -> None:
    assert "DEVELOPMENT" not in settings_of_example()
    for path in [*UNITS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"]:
        assert "DEVELOPMENT" not in path.read_text(), path


def test_the_example_names_every_setting_production_needs() -> None:
    needed = {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "CELERY_BROKER_URL", "STATE_DIR", "PORT"}
    assert needed <= set(settings_of_example())
    assert settings_of_example()["SECRET_KEY"] == ""
