from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from annotation.models import Annotator, User


@pytest.fixture(autouse=True)
def plain_static_files(settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def as_() -> Callable[[User | Annotator], Client]:
    """Return a client that is signed in as a person."""

    def sign_in(person: User | Annotator) -> Client:
        user = person.user if isinstance(person, Annotator) else person
        assert user is not None
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
