"""Keep the message of a long job hidden while it runs, where the queue lives in PostgreSQL and knows no heartbeat."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error, connection

HIDE_SECONDS = 120
RENEW_SECONDS = 30


@contextmanager
def kept(request: Any) -> Iterator[None]:
    """Renew the message's visibility until the job ends; does nothing for Redis, RabbitMQ and eager calls."""
    info = ((request.properties or {}).get("delivery_info") or {}) if request else {}
    queue, message = info.get("pgmq_queue"), info.get("pgmq_msg_id")
    if queue is None or message is None:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(queue, message, done), daemon=True, name="visibility")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)


def _renew(queue: str, message: int, done: threading.Event) -> None:
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select pgmq.set_vt(%s, %s, %s)", [queue, message, HIDE_SECONDS])
        except Error:
            # The database is away; should the message show up again, the run's own lock keeps a second fit out.
            connection.close()
        if done.wait(RENEW_SECONDS):
            connection.close()
            return
