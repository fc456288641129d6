from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from annotation.models import Campaign, Membership, User
from annotation.services import campaigns
from calibration.models import Run
from tests import factories
from tests.calibration import builders


@pytest.fixture(autouse=True)
def plain_static_files(settings, state_dir: Path) -> None:
    settings.STATIC_ROOT = state_dir / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def of(db) -> Campaign:
    return builders.campaign()


@pytest.fixture
def run(of: Campaign) -> Run:
    return builders.passed_run(of)


@pytest.fixture
def rita(of: Campaign) -> User:
    """Return the campaign's researcher."""
    return factories.researcher_of(of)


@pytest.fixture
def olga(of: Campaign, rita: User) -> User:
    """Return the campaign's auditor, who reads everything and changes nothing."""
    made = factories.user("olga")
    campaigns.add_member(campaign=of, user=made, role=Membership.Role.AUDITOR, by=rita)
    return made


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_of
