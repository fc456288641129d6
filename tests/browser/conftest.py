"""Harness of the browser tests: a live server, one Chromium, people in tabs, pictures in a folder."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright

from annotation.models import User
from deploy.local import browser as browsers
from tests.browser.visitor import PHONE, WIDE, Visitor

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RENDERINGS = {"light": ("light", WIDE), "dark": ("dark", WIDE), "phone": ("light", PHONE)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the one Chromium of the session; without one the tests are skipped, in CI they fail."""
    program = browsers.find()
    if program is None:
        reason = "no Chromium found; install one or name it in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's loop runs in this thread, and Django would refuse its synchronous queries there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session", autouse=True)
def plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Serve static files from their sources, without a collected copy; set before the live server starts."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Return where pictures go: SCREENSHOTS_DIR, else the test's own folder."""
    folder = Path(os.environ.get("SCREENSHOTS_DIR") or tmp_path / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def visit(chromium: Browser, live_server, shots: Path) -> Callable[..., Visitor]:
    """Return `visit(user=, theme=, size=, javascript=)`, a context manager that gives a Visitor."""
    return partial(Visitor, chromium, live_server.url, shots)


@pytest.fixture
def show(visit: Callable[..., Visitor]) -> Callable[..., None]:
    """Return `show(path, name, user)`: picture and check a page in light, dark and on a phone."""

    def show_page(
        path: str,
        name: str,
        user: User | None = None,
        *,
        status: int = 200,
        expected: tuple[int, ...] = (),
        before: Callable[..., None] | None = None,
    ) -> None:
        for rendering, (theme, size) in RENDERINGS.items():
            with visit(user=user, theme=theme, size=size) as visitor:
                visitor.expected_statuses.update(expected)
                visitor.open(path, status=status)
                if before:
                    before(visitor.page)
                visitor.shoot(f"{name}-{rendering}")
                visitor.check()
                if rendering == "phone":
                    visitor.check_narrowest()

    return show_page
