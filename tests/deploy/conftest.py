import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres.folders import socket_folder, temporary_folder


@pytest.fixture(autouse=True)
def state_dir() -> Iterator[Path]:
    """Give a state folder that the server's account can enter; pytest's own folders are closed to it."""
    folder = temporary_folder("steelyard-test-")
    yield folder
    for socket_dir in folder.parent.glob(socket_folder(folder, None).name):  # of a server whose owner was killed
        shutil.rmtree(socket_dir, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
