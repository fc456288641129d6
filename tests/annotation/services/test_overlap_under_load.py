import threading
from collections import Counter

import pytest
from django.db import close_old_connections, connection

from annotation.models import Assignment, AuditEvent, Judgment
from annotation.services import assignments, judgments
from tests import factories

CLIENTS = 60
TASKS = 40


@pytest.mark.django_db(transaction=True)
def test_sixty_evaluators_at_once_never_exceed_the_overlap():
    campaign = factories.campaign(overlap=3)
    people = [factories.evaluator(campaign) for _ in range(CLIENTS)]
    for _ in range(TASKS):
        factories.task(campaign)
    before = AuditEvent.objects.count()
    failures: list[str] = []
    gate = threading.Barrier(CLIENTS)

    def work(annotator):
        try:
            gate.wait()
            while assignment := assignments.next_for(annotator=annotator, campaign=campaign):
                answer_twice(annotator, assignment)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
        finally:
            close_old_connections()
            connection.close()

    def answer_twice(annotator, assignment):
        for _ in range(2):
            judgments.submit(
                by=annotator,
                assignment_id=assignment.public_id,
                answers={"overall": judgments.Answer("left")},
                idempotency_key=assignment.public_id,
            )

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    rows = list(Judgment.objects.values_list("task_id", "annotator_id"))
    assert len(rows) == len(set(rows)), "nobody judged a task twice"
    assert set(Counter(task for task, _ in rows).values()) == {3}, "every task has exactly its overlap"
    assert len(rows) == TASKS * 3
    events = [bytes(event.body) for event in AuditEvent.objects.order_by("id")[before:]]
    assert sum(b'"action":"judgment.create"' in body for body in events) == len(rows)
    assert not Assignment.objects.filter(state="leased").exists()
