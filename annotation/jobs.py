"""Background jobs of the record. Each takes ids, may run twice, and finds the truth in the database."""

from celery import shared_task
from django.db import connection
from django.db.models import Exists, OuterRef

from annotation.models import Heartbeat, Import, JudgeConfig, JudgeRequest
from annotation.services import assignments, imports, judging

REQUESTS_A_JOB = 50


@shared_task
def run_import(*, import_id: int) -> None:
    imports.run(import_id)


@shared_task
def judge(*, config_id: int) -> None:
    """Carry out some requests of one judge, then make way for other jobs and come back for the rest."""
    config = JudgeConfig.objects.get(pk=config_id)
    for _ in range(REQUESTS_A_JOB):
        request = judging.take(config)
        if request is None:
            return
        judging.carry_out(request)
    judge.delay(config_id=config_id)


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
