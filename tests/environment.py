"""Give the tests their environment before Django reads its settings: a real PostgreSQL, and no C compiler."""

import atexit
import contextlib
import os

os.environ.setdefault("DEVELOPMENT", "1")
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=")
if "DATABASE_URL" not in os.environ:
    from deploy.local.postgres import temporary_server

    services = contextlib.ExitStack()
    os.environ["DATABASE_URL"] = services.enter_context(temporary_server()).url
    atexit.register(services.close)
