import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import Server
from deploy.local.postgres.folders import socket_folder, temporary_folder


def remove(folder: Path) -> None:
    for socket_dir in folder.parent.glob(socket_folder(folder, None).name):  # of a server whose owner was killed
        shutil.rmtree(socket_dir, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def state_dir() -> Iterator[Path]:
    """Give a new state folder that the server's account can enter; pytest's own folders are closed to it."""
    folder = temporary_folder("steelyard-test-")
    yield folder
    remove(folder)


@pytest.fixture(scope="session")
def begun() -> Iterator[Path]:
    """Give a state folder in which a server has been before, one for all tests, because making it takes a second."""
    folder = temporary_folder("steelyard-test-")
    with Server(folder, durable=False):
        pass
    yield folder
    remove(folder)


@pytest.fixture
def spoilable(state_dir: Path, begun: Path) -> Path:
    """Give a copy of such a folder to a test that damages it."""
    state_dir.chmod(0o711)
    subprocess.run(["cp", "-a", f"{begun}/postgres", f"{state_dir}/postgres"], check=True)
    return state_dir
