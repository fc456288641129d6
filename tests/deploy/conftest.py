import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres.folders import temporary_folder


@pytest.fixture(autouse=True)
def state_dir() -> Iterator[Path]:
    """Give a state folder that the server's account can enter; pytest's own folders are closed to it."""
    folder = temporary_folder("steelyard-test-")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
