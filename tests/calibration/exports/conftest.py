import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from calibration.models import Export
from calibration.services import exports


@pytest.fixture
def built(state_dir: Path):
    """Return a function that builds a release and gives its packed file's content by path."""

    def build(export: Export) -> dict[str, bytes]:
        exports.build(export.pk)
        export.refresh_from_db()
        with zipfile.ZipFile(exports.path_of(export)) as packed:
            return {entry.filename.split("/", 1)[1]: packed.read(entry) for entry in packed.infolist()}

    return build


def rows(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().splitlines()]
