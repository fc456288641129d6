"""Background jobs of the record. Each takes ids, may run twice, and finds the truth in the database."""

import time

from celery import shared_task
from django.db import connection
from django.db.models import Exists, OuterRef

from annotation.models import Heartbeat, Import, JudgeConfig, JudgeRequest
from annotation.services import assignments, imports, judging

# Well below the time after which the queue gives a job to another worker.
SECONDS_A_JOB = 20
LONGEST_WAIT = 5
WORKERS_A_JUDGE = 2


@shared_task
def run_import(*, import_id: int) -> None:
    imports.run(import_id)


@shared_task
def judge(*, config_id: int) -> None:
    """Carry out requests of one judge for a while, then make way for other jobs and come back for the rest."""
    config = JudgeConfig.objects.select_related("campaign").get(pk=config_id)
    until = time.monotonic() + SECONDS_A_JOB
    while time.monotonic() < until:
        taken = judging.take(config)
        if taken is None:
            return judging.finish_if_done(config)
        if isinstance(taken, judging.Wait):
            if taken.seconds > LONGEST_WAIT:
                # The sweep comes back when the endpoint has rested.
                return None
            time.sleep(taken.seconds)
        else:
            try:
                judging.carry_out(taken)
            except judging.NotRecorded:
                return None
    judge.delay(config_id=config_id)
    return None


def start_judge(config: JudgeConfig) -> None:
    """Set as many workers on a judge as its endpoint takes at once, up to a few."""
    for _ in range(min(config.endpoint.max_concurrent, WORKERS_A_JUDGE)):
        judge.delay_on_commit(config_id=config.pk)


@shared_task
def sweep() -> None:
    """Give back expired leases and queue again what a lost message left behind."""
    assignments.expire_leases()
    for import_id in Import.objects.filter(state__in=["queued", "running"]).values_list("pk", flat=True):
        run_import.delay(import_id=import_id)
    waiting = JudgeRequest.objects.filter(config=OuterRef("pk"), state__in=["queued", "leased"])
    for config in JudgeConfig.objects.filter(Exists(waiting)):
        if JudgeRequest.objects.filter(judging.due(config)).exists():
            judge.delay(config_id=config.pk)


def beat(queue: str) -> None:
    """Note a sign of life of a queue's worker, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {Heartbeat._meta.db_table} (queue, seen_at) values (%s, now())"  # noqa: S608
            " on conflict (queue) do update set seen_at = now()",
            [queue],
        )
