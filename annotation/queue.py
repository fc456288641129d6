"""The job queue inside PostgreSQL: plain SQL that a wheel brings, installed with the tables."""

from typing import Any

from django.conf import settings
from django.db import connection


def install(**_: Any) -> None:
    """Create the queue's schema after a migration, where the broker is the database itself."""
    if not settings.CELERY_BROKER_URL.startswith("pgmq"):
        return
    from pgmq.install import get_embedded_install_sql

    with connection.cursor() as cursor:
        cursor.execute("select to_regnamespace('pgmq') is not null")
        if not cursor.fetchone()[0]:
            cursor.execute(get_embedded_install_sql())
