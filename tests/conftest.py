import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """Let the tests' flush truncate; update and delete stay refused as in production."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select tgname, tgrelid::regclass::text from pg_trigger"
            " where tgname like '%\\_no\\_truncate' and not tgisinternal"
        )
        for trigger, table in cursor.fetchall():
            cursor.execute(f"alter table {table} disable trigger {trigger}")
        # The token table that ours replaces: the flush does not know it, and it refers to tables the flush empties.
        cursor.execute("drop table if exists knox_authtoken")


@pytest.fixture(autouse=True)
def emptied_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the log after a test that commits: its table is no model's, so the flush leaves it."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        from django.db import connection

        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute("truncate audit_event")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Return the folder of public data sets; without it the test is skipped, in CI it fails."""
    path = Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data")
    if not path.is_dir():
        reason = f"the public data sets are not in {path}; set DATA_DIR"
        if os.environ.get("REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(autouse=True)
def state_dir(settings, tmp_path: Path) -> Path:
    """Keep files that a test writes inside its own folder."""
    settings.STATE_DIR = tmp_path
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.IMPORTS_DIR = tmp_path / "imports"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path
