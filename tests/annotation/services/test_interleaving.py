"""Eight people at once lease, answer, repeat, skip, undo and rest; the rows are recounted afterwards."""

import random
import threading
from collections import Counter

import pytest
from django.db import close_old_connections, connection

from annotation.models import Assignment, AuditEvent, Judgment
from annotation.services import assignments, judgments, undo
from tests import factories

PEOPLE, TASKS, STEPS, OVERLAP = 8, 6, 40, 2
REFUSALS = (judgments.AssignmentClosed, undo.UndoTooLate)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(2))
def test_eight_threads_leave_exact_overlap_and_whole_chains(seed):
    campaign = factories.campaign(overlap=OVERLAP)
    people = [factories.evaluator(campaign) for _ in range(PEOPLE)]
    for _ in range(TASKS):
        factories.task(campaign)
    before = AuditEvent.objects.count()
    failures: list[str] = []
    gate = threading.Barrier(PEOPLE)

    def work(annotator, number):
        chance = random.Random(f"{seed}-{number}")
        try:
            gate.wait()
            for step in range(STEPS):
                one_step(annotator, campaign, chance, step)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work, args=(person, n)) for n, person in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    _recount(campaign, before)


def one_step(annotator, campaign, chance, step):
    held = assignments.next_for(annotator=annotator, campaign=campaign)
    what = chance.random()
    if held is None or what < 0.1:
        assignments.give_back(annotator=annotator, campaign=campaign)
    elif what < 0.2:
        assignments.skip(annotator=annotator, public_id=held.public_id, reason="broken")
    else:
        answer(annotator, held, f"{held.public_id}-{step}", chance)


def answer(annotator, held, key, chance):
    call = {"by": annotator, "assignment_id": held.public_id, "answers": {"overall": judgments.Answer("left")}}
    try:
        judgments.submit(**call, idempotency_key=key)
        assert judgments.submit(**call, idempotency_key=key).replayed
        if chance.random() < 0.5:
            undo.undo(by=annotator, assignment_id=held.public_id)
    except REFUSALS:
        pass


def _recount(campaign, before):
    effective = Counter(Judgment.objects.filter(campaign=campaign).effective().values_list("task", flat=True))
    assert max(effective.values(), default=0) <= OVERLAP
    once = Counter(Judgment.objects.filter(campaign=campaign).effective().values_list("task", "annotator"))
    assert set(once.values()) <= {1}, "nobody has two answers in force"
    occupied = Counter(effective)
    occupied.update(Assignment.objects.filter(campaign=campaign).held().values_list("task", flat=True))
    assert max(occupied.values(), default=0) <= OVERLAP
    submitted = Assignment.objects.filter(campaign=campaign, state="submitted").values_list("task", "annotator")
    assert set(submitted) == set(once), "an assignment is answered exactly if an answer is in force"
    events = [bytes(event.body) for event in AuditEvent.objects.order_by("id")[before:]]
    for action, is_retraction in (("judgment.create", False), ("judgment.withdraw", True)):
        rows = Judgment.objects.filter(campaign=campaign, is_retraction=is_retraction).count()
        assert sum(f'"action":"{action}"'.encode() in body for body in events) == rows
