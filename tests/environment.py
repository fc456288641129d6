"""Give the tests their environment before Django reads its settings: a real PostgreSQL, and no C compiler."""

import atexit
import contextlib
import os

os.environ.setdefault("DEVELOPMENT", "1")
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=")
# Each of several processes has a server of its own, not the one whose address it inherits from the first.
if "DATABASE_URL" not in os.environ or os.environ.get("DATABASE_OF_TESTS") == os.environ["DATABASE_URL"]:
    from deploy.local.postgres import temporary_server

    services = contextlib.ExitStack()
    os.environ["DATABASE_URL"] = services.enter_context(temporary_server()).url
    os.environ["DATABASE_OF_TESTS"] = os.environ["DATABASE_URL"]
    atexit.register(services.close)
