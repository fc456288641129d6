from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models.functions import Now

from annotation.models import Heartbeat

pytestmark = pytest.mark.django_db


def beat(queue: str, seconds_ago: int = 0) -> None:
    Heartbeat.objects.update_or_create(queue=queue, defaults={"seen_at": Now() - timedelta(seconds=seconds_ago)})


def test_well_when_database_and_every_queue_answer(client, settings):
    for queue in settings.HEARTBEAT_QUEUES:
        beat(queue, 29)
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "queue default": "ok", "queue fits": "ok"}


def test_a_queue_whose_worker_is_silent_for_half_a_minute_is_named(client):
    beat("default")
    beat("fits", 31)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["queue fits"] == "no living worker"
    assert response.json()["queue default"] == "ok"


def test_a_queue_that_never_had_a_worker_is_named(client):
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["status"] == "failing"


def test_a_silent_database_is_named(client, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("annotation.views.health.Heartbeat.objects.filter", fail)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "database": "does not answer"}
