"""Lease, submit, skip, expire, revoke, undo, suspend in any order: the services do what a small model says."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotation.models import Assignment, AuditEvent, Enrollment, Judgment
from annotation.permissions import NotVetted
from annotation.services import assignments, evaluators, judgments, undo
from annotation.services.judgments import Answer
from tests import factories
from tests.annotation.services.door import OVERLAP, Door

PEOPLE, TASKS = 3, 3
people = st.integers(0, PEOPLE - 1)
SIDES = st.sampled_from(["left", "right", "tie", "both_bad"])


class Steps(RuleBasedStateMachine):
    """Drives the services and the model side by side."""

    runs = 0

    @initialize()
    def begin(self) -> None:
        self.campaign = factories.campaign(overlap=OVERLAP)
        self.rita = factories.researcher_of(self.campaign)
        self.annotators = [factories.evaluator(self.campaign) for _ in range(PEOPLE)]
        # The same steps must lead to the same tasks, else a failure could not be found again.
        self.tasks = [factories.task(self.campaign, shuffle_key=place).pk for place in range(TASKS)]
        Enrollment.objects.filter(campaign=self.campaign).update(pick_from=0)
        self.door = Door(self.tasks, list(range(PEOPLE)))
        self.keys = 0
        self.sent: list[tuple[int, int, dict, str]] = []
        self.before = AuditEvent.objects.latest("id").pk

    @rule(person=people)
    def take(self, person: int) -> None:
        if person in self.door.suspended:
            with pytest.raises(NotVetted):
                assignments.next_for(annotator=self.annotators[person], campaign=self.campaign)
            return
        given = assignments.next_for(annotator=self.annotators[person], campaign=self.campaign)
        held, offer = self.door.held(person), self.door.on_offer(person)
        if held is not None:
            assert given is not None
            assert given.task_id == held
        elif given is None:
            assert not offer
        else:
            assert given.task_id in offer
            self.door.lease(given.task_id, person)

    @precondition(lambda self: self.door.seats)
    @rule(data=st.data(), side=SIDES)
    def submit(self, data, side: str) -> None:
        task, person, row = self._some(data)
        self.keys += 1
        answers, key = {"overall": Answer(side)}, f"k{self.keys}"
        call = {"by": self.annotators[person], "assignment_id": row.public_id, "answers": answers}
        if not self.door.takes_answer(task, person):
            with pytest.raises(judgments.AssignmentClosed):
                judgments.submit(**call, idempotency_key=key)
            return
        judgments.submit(**call, idempotency_key=key)
        outcome = judgments.canonical(self.campaign.rubric.criteria.get(), answers["overall"], row.shown_order)
        seat = self.door.seats[task, person]
        seat.state, seat.is_fresh = "submitted", True
        seat.answers.append(outcome["outcome"])
        self.sent.append((task, person, call, key))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data) -> None:
        _, _, call, key = data.draw(st.sampled_from(self.sent))
        assert judgments.submit(**call, idempotency_key=key).replayed

    @precondition(lambda self: self.door.seats)
    @rule(data=st.data())
    def skip(self, data) -> None:
        task, person, row = self._some(data)
        assignments.skip(annotator=self.annotators[person], public_id=row.public_id, reason="broken")
        if self.door.seats[task, person].state == "leased":
            self.door.seats[task, person].state = "skipped"

    @precondition(lambda self: self.door.seats)
    @rule(data=st.data())
    def undo(self, data) -> None:
        task, person, row = self._some(data)
        seat = self.door.seats[task, person]
        call = {"by": self.annotators[person], "assignment_id": row.public_id}
        if seat.state != "submitted" or not seat.is_fresh:
            with pytest.raises(undo.UndoTooLate):
                undo.undo(**call)
        elif person in self.door.suspended:
            with pytest.raises(judgments.AssignmentClosed):
                undo.undo(**call)
        else:
            undo.undo(**call)
            seat.state, seat.has_lapsed = "leased", False
            seat.answers.append("retraction")

    @precondition(lambda self: self.door.seats)
    @rule(data=st.data())
    def let_time_pass(self, data) -> None:
        """Let a lease run out, or an answer become too old to take back."""
        task, person, row = self._some(data)
        seat = self.door.seats[task, person]
        with connection.cursor() as cursor:
            cursor.execute(
                "update annotation_assignment set leased_at = leased_at - interval '1 day',"
                " expires_at = now() - interval '1 second', submitted_at = submitted_at - interval '1 day'"
                " where id = %s",
                [row.pk],
            )
        seat.has_lapsed, seat.is_fresh = True, False
        seat.since -= 1_000_000

    @rule()
    def sweep(self) -> None:
        assignments.expire_leases()
        for seat in self.door.seats.values():
            if seat.state == "leased" and seat.has_lapsed:
                seat.state = "expired"

    @rule(person=people)
    def pause(self, person: int) -> None:
        assignments.give_back(annotator=self.annotators[person], campaign=self.campaign)
        self._end(person, "expired")

    @rule(person=people)
    def suspend(self, person: int) -> None:
        enrollment = self.annotators[person].enrollments.get()
        evaluators.suspend(enrollment=enrollment, by=self.rita, reason="steps")
        self.door.suspended.add(person)
        self._end(person, "revoked")

    @rule(person=people)
    def reinstate(self, person: int) -> None:
        enrollment = self.annotators[person].enrollments.get()
        evaluators.qualify(enrollment=enrollment, by=self.rita, reason="steps")
        self.door.suspended.discard(person)

    def _end(self, person: int, state: str) -> None:
        for (_, of), seat in self.door.seats.items():
            if of == person and seat.state == "leased":
                seat.state = state

    def _some(self, data) -> tuple[int, int, Assignment]:
        task, person = data.draw(st.sampled_from(sorted(self.door.seats)))
        return task, person, Assignment.objects.get(task=task, annotator=self.annotators[person])

    @invariant()
    def rows_are_what_the_model_says(self) -> None:
        if not hasattr(self, "door"):
            return
        place = {annotator.pk: person for person, annotator in enumerate(self.annotators)}
        rows = Judgment.objects.filter(campaign=self.campaign)
        effective = {(j.task_id, place[j.annotator_id]): j.outcome for j in rows.effective()}
        assert effective == self.door.effective()
        chains: dict[tuple[int, int], int] = {}
        for task, annotator in rows.values_list("task", "annotator"):
            chains[task, place[annotator]] = chains.get((task, place[annotator]), 0) + 1
        assert chains == self.door.chains()
        states = Assignment.objects.filter(campaign=self.campaign).values_list("task", "annotator", "state")
        assert {(t, place[a]): s for t, a, s in states} == {key: seat.state for key, seat in self.door.seats.items()}
        assert all(self.door.occupied(task) <= OVERLAP for task in self.tasks)

    def teardown(self) -> None:
        """Each row of the record has its event and each event its row."""
        if not hasattr(self, "door"):
            return
        events = [bytes(event.body) for event in AuditEvent.objects.filter(pk__gt=self.before)]
        rows = Judgment.objects.filter(campaign=self.campaign)
        for action, wanted in (("judgment.create", False), ("judgment.withdraw", True)):
            count = sum(f'"action":"{action}"'.encode() in body for body in events)
            assert count == rows.filter(is_retraction=wanted).count()
        Steps.runs += 1
        if Steps.runs % 50 == 0:
            print(f"{Steps.runs} runs, 0 divergences", flush=True)


def run(examples: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Steps, settings=chosen)


# Every step commits: inside one transaction the database's clock would stand still, and with it the order of leases.
@pytest.mark.django_db(transaction=True)
def test_the_services_do_what_the_model_says():
    run(10)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_runs_of_fifty_steps_never_part_from_the_model():
    run(1_000)
