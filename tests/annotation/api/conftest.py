from pathlib import Path

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def plain_static_files(settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def fresh_throttles() -> None:
    """Forget what the throttles counted in another test."""
    cache.clear()
