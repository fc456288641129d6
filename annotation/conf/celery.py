import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.conf.settings")
app = Celery("steelyard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")

_stopping = threading.Event()


@worker_ready.connect
def start_heartbeat(sender: Any, **_: Any) -> None:
    queues = list(sender.app.amqp.queues.consume_from)
    threading.Thread(target=_beat_until_stopped, args=(queues,), daemon=True, name="heartbeat").start()


@worker_shutting_down.connect
def stop_heartbeat(**_: Any) -> None:
    _stopping.set()


def _beat_until_stopped(queues: list[str]) -> None:
    from django.conf import settings
    from django.db import Error, connection

    from annotation import jobs

    while True:
        try:
            for queue in queues:
                jobs.beat(queue)
        except Error:
            # The database is away; the connection is opened anew at the next beat.
            connection.close()
        if _stopping.wait(settings.HEARTBEAT_SECONDS):
            return
