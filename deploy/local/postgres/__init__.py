"""A PostgreSQL server without an installation: `Server` for a state folder, `temporary_server` for tests."""

from deploy.local.postgres.server import PostgresError, Server, ServerFailed, ServerInUse, temporary_server

__all__ = ["PostgresError", "Server", "ServerFailed", "ServerInUse", "temporary_server"]
