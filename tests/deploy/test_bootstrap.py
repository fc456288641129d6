import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "local" / "bootstrap.sh"
TOOLS = ("sh", "cat", "cksum", "dirname", "mkdir", "rm", "tr")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Give a folder with the script and two small locks."""
    (tmp_path / "clone/deploy/local").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "clone/deploy/local")
    (tmp_path / "clone/requirements.lock").write_text("six==1.17.0\n")
    (tmp_path / "clone/requirements-dev.lock").write_text("six==1.17.0\niniconfig==2.3.1\n")
    return tmp_path / "clone"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Give a PATH folder with the few programs the script needs, and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def bootstrap(
    clone: Path, mode: str, *path: Path, home: Path | None = None, **extra: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"}
    environment = {**inherited, "PATH": ":".join(map(str, path)), "HOME": str(home or clone / "home"), **extra}
    command = ["sh", str(clone / "deploy/local/bootstrap.sh"), mode]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def working_python(path: Path) -> Path:
    return program(path, f'exec {sys.executable} "$@"')


def pretend(path: Path, change: str) -> Path:
    """Make a Python whose `-c` code finds itself in a changed interpreter."""
    return program(path, f'exec {sys.executable} -c "import sys; {change}\n$2"')


def checksum(lock: Path) -> str:
    done = subprocess.run(["cksum"], input=lock.read_bytes(), capture_output=True, check=True)
    return done.stdout.decode().strip().replace(" ", "-")


def test_find_skips_a_shim_that_exists_and_fails(clone: Path, tools: Path, tmp_path: Path) -> None:
    program(tmp_path / "shims/python3.14", "echo 'pyenv: python3.14: command not found' >&2; exit 127")
    program(tmp_path / "shims/python3.13", "exit 127")
    good = working_python(tmp_path / "bin/python3.13")
    found = bootstrap(clone, "find", tmp_path / "shims", tmp_path / "bin", tools)
    assert found.stdout.strip() == str(good)


def test_find_skips_a_python_that_is_too_old_or_lacks_venv(clone: Path, tools: Path, tmp_path: Path) -> None:
    pretend(tmp_path / "old/python3", "sys.version_info = (3, 11, 7)")
    pretend(tmp_path / "bare/python3", "sys.modules['ensurepip'] = None")
    good = working_python(tmp_path / "bin/python3")
    found = bootstrap(clone, "find", tmp_path / "old", tmp_path / "bare", tmp_path / "bin", tools)
    assert found.stdout.strip() == str(good)


def test_find_prefers_the_newest_name_over_the_order_of_folders(clone: Path, tools: Path, tmp_path: Path) -> None:
    working_python(tmp_path / "first/python3.12")
    newest = working_python(tmp_path / "second/python3.14")
    found = bootstrap(clone, "find", tmp_path / "first", tmp_path / "second", tools)
    assert found.stdout.strip() == str(newest)


def test_find_looks_into_pyenv_behind_failing_shims(clone: Path, tools: Path, tmp_path: Path) -> None:
    program(tmp_path / "shims/python3.13", "exit 127")
    good = working_python(tmp_path / "home/.pyenv/versions/3.13.0/bin/python3")
    found = bootstrap(clone, "find", tmp_path / "shims", tools, home=tmp_path / "home")
    assert found.stdout.strip() == str(good)


def test_find_asks_uv_before_it_downloads(clone: Path, tools: Path, tmp_path: Path) -> None:
    good = working_python(tmp_path / "managed/python3.13")
    program(tmp_path / "bin/uv", f'[ "$1 $2" = "python find" ] && echo {good}')
    found = bootstrap(clone, "find", tmp_path / "bin", tools)
    assert found.stdout.strip() == str(good)


def test_find_says_plainly_what_is_missing(clone: Path, tools: Path) -> None:
    found = bootstrap(clone, "find", tools)
    assert found.returncode == 1
    assert "Steelyard needs CPython 3.12, 3.13 or 3.14" in found.stderr
    assert "PYTHON=/path/to/python3.13 make run" in found.stderr


def test_find_takes_the_named_python_or_says_that_it_does_not_work(clone: Path, tools: Path, tmp_path: Path) -> None:
    good = working_python(tmp_path / "mine/snake")
    assert bootstrap(clone, "find", tools, PYTHON=str(good)).stdout.strip() == str(good)
    refused = bootstrap(clone, "find", tools, PYTHON=str(program(tmp_path / "mine/broken", "exit 1")))
    assert refused.returncode == 1
    assert "mine/broken is not a working 64 bit CPython" in refused.stderr


@pytest.mark.parametrize(
    ("mode", "lock", "is_done"),
    [
        ("run", "requirements.lock", True),
        ("run", "requirements-dev.lock", True),
        ("dev", "requirements-dev.lock", True),
        ("dev", "requirements.lock", False),
    ],
)
def test_a_synced_environment_is_left_alone(clone: Path, tools: Path, mode: str, lock: str, is_done: bool) -> None:
    working_python(clone / ".venv/bin/python")
    program(clone / ".venv/bin/uv", 'echo "$@" >>uv.log')
    (clone / ".venv/.synced").write_text(checksum(clone / lock))
    assert bootstrap(clone, mode, tools).returncode == 0
    assert (clone / "uv.log").exists() is not is_done


def test_a_changed_lock_is_installed_again(clone: Path, tools: Path) -> None:
    working_python(clone / ".venv/bin/python")
    program(clone / ".venv/bin/uv", 'echo "$@" >>uv.log')
    (clone / ".venv/.synced").write_text(checksum(clone / "requirements.lock"))
    (clone / "requirements.lock").write_text("six==1.16.0\n")
    done = bootstrap(clone, "run", tools)
    assert done.returncode == 0, done.stderr
    assert "--require-hashes requirements.lock" in (clone / "uv.log").read_text()
    assert (clone / ".venv/.synced").read_text().strip() == checksum(clone / "requirements.lock")


def test_uv_is_tried_with_the_systems_certificates_and_then_pip(clone: Path, tools: Path) -> None:
    program(clone / ".venv/bin/python", f'[ "$2" = pip ] && echo "$@" >>pip.log && exit 0; exec {sys.executable} "$@"')
    program(clone / ".venv/bin/uv", 'echo "$@" >>uv.log; exit 2')
    done = bootstrap(clone, "run", tools)
    assert done.returncode == 0, done.stderr
    first, second = (clone / "uv.log").read_text().splitlines()
    assert "--system-certs" not in first
    assert "--system-certs" in second
    assert "--require-hashes --no-deps -r requirements.lock" in (clone / "pip.log").read_text()


def test_a_failed_installation_leaves_no_stamp(clone: Path, tools: Path) -> None:
    program(clone / ".venv/bin/python", f'[ "$2" = pip ] && exit 1; exec {sys.executable} "$@"')
    program(clone / ".venv/bin/uv", "exit 2")
    assert bootstrap(clone, "run", tools).returncode != 0
    assert not (clone / ".venv/.synced").exists()


def test_a_broken_environment_is_made_anew(clone: Path, tools: Path, tmp_path: Path) -> None:
    program(clone / ".venv/bin/python", "exit 127")
    made = f"mkdir -p .venv/bin; cp {tmp_path}/uv .venv/bin/uv; cp {tmp_path}/bin/python3.13 .venv/bin/python"
    program(tmp_path / "uv", "exit 0")
    program(tmp_path / "bin/python3.13", f'[ "$2" = venv ] && {{ {made}; exit; }}; exec {sys.executable} "$@"')
    done = bootstrap(clone, "run", tmp_path / "bin", tools, Path(os.path.dirname(shutil.which("cp") or "/bin/cp")))
    assert done.returncode == 0, done.stderr
    assert (clone / ".venv/.synced").exists()


def test_an_unknown_mode_is_refused(clone: Path, tools: Path) -> None:
    assert bootstrap(clone, "everything", tools).returncode == 2
