"""Applicants are let in by what they answer and by nothing else, and each step is witnessed."""

import random

import pytest

from annotation.models import Assignment, AuditEvent, Enrollment, Gold, Judgment, Qualification, QualificationAnswer
from annotation.services import assignments, evaluators, golds, judgments, vetting
from annotation.tasktypes.answers import Answer
from tests import factories
from tests.annotation.statements import statements

pytestmark = pytest.mark.django_db
SIZE, LINE = 24, 18


def with_golds(count: int, **kwargs):
    campaign = factories.campaign(**kwargs)
    rita = factories.researcher_of(campaign)
    for number in range(count):
        task = factories.task(campaign, pool="gold")
        golds.set_answer(task=task, outcome="ab"[number % 2], justification="one is wrong", by=rita)
    return campaign, rita


@pytest.fixture
def campaign():
    made, rita = with_golds(2 * SIZE)
    vetting.set_test(campaign=made, size=SIZE, line=LINE, gold_percent=10, by=rita)
    return made


def applicant(campaign) -> Enrollment:
    return factories.evaluator(campaign, qualified=False).enrollments.get()


def take(enrollment, accuracy: float, chance: random.Random) -> Qualification:
    """Answer a whole test through the service, right with a given chance on each task."""
    attempt = vetting.start(enrollment=enrollment)
    while due := vetting.current(attempt):
        known = Gold.objects.get(task=due.task).outcome
        left = "a" if due.shown_order == "ab" else "b"
        is_right = chance.random() < accuracy
        side = "left" if (known == left) == is_right else "right"
        attempt = vetting.answer(attempt=attempt, by=enrollment.annotator, place=due.place, given=Answer(side))
    return attempt


def test_who_reaches_the_line_gets_tasks_at_once(campaign):
    enrollment = applicant(campaign)
    attempt = take(enrollment, 1.0, random.Random(1))
    enrollment.refresh_from_db()
    assert (attempt.state, vetting.right(attempt), enrollment.state) == ("passed", SIZE, "qualified")
    assert enrollment.reason == "24 of 24 right in the test, the line is 18"


def test_who_misses_it_has_one_retake_on_other_tasks(campaign):
    enrollment = applicant(campaign)
    first = take(enrollment, 0.0, random.Random(1))
    assert first.state == "failed"
    second = take(enrollment, 0.0, random.Random(2))
    used = [set(one.answers.values_list("task", flat=True)) for one in (first, second)]
    assert used[0].isdisjoint(used[1])
    enrollment.refresh_from_db()
    assert enrollment.state == "applied"
    with pytest.raises(vetting.NoAttempt, match="one retake"):
        vetting.start(enrollment=enrollment)


def test_the_line_does_not_move_during_an_attempt(campaign):
    enrollment = applicant(campaign)
    attempt = vetting.start(enrollment=enrollment)
    vetting.set_test(campaign=campaign, size=SIZE, line=SIZE, gold_percent=10, by=factories.researcher_of(campaign))
    assert vetting.start(enrollment=enrollment) == attempt
    assert take(enrollment, 1.0, random.Random(1)).line == LINE


def test_an_answer_is_taken_once_and_only_for_the_task_that_is_due(campaign):
    enrollment = applicant(campaign)
    attempt = vetting.start(enrollment=enrollment)
    for place in (1, 1, 3):
        vetting.answer(attempt=attempt, by=enrollment.annotator, place=place, given=Answer("left"))
    assert QualificationAnswer.objects.exclude(outcome="").count() == 1


def test_a_test_is_no_judgment(campaign):
    take(applicant(campaign), 1.0, random.Random(1))
    assert not Judgment.objects.exists()
    assert not Assignment.objects.exists()


def test_a_known_answer_that_was_shown_never_comes_in_the_stream(campaign):
    enrollment = applicant(campaign)
    attempt = take(enrollment, 1.0, random.Random(1))
    seen = set(attempt.answers.values_list("task", flat=True))
    campaign.__class__.objects.filter(pk=campaign.pk).update(gold_percent=100)
    campaign.refresh_from_db()
    served = set()
    while held := assignments.next_for(annotator=enrollment.annotator, campaign=campaign):
        served.add(held.task_id)
        answers = {"overall": Answer("left")}
        judgments.submit(
            by=enrollment.annotator, assignment_id=held.public_id, answers=answers, idempotency_key=held.public_id
        )
    assert len(served) == SIZE
    assert served.isdisjoint(seen)


def test_everybody_judges_a_known_answer_whatever_the_overlap():
    campaign, _ = with_golds(1, overlap=1)
    campaign.__class__.objects.filter(pk=campaign.pk).update(gold_percent=100)
    campaign.refresh_from_db()
    for _ in range(3):
        factories.judgment(factories.evaluator(campaign), campaign)
    assert Judgment.objects.count() == 3


def test_the_stream_holds_the_stated_share_of_known_answers():
    campaign, rita = with_golds(30, overlap=1)
    vetting.set_test(campaign=campaign, size=0, line=0, gold_percent=50, by=rita)
    for _ in range(60):
        factories.task(campaign)
    alice = factories.evaluator(campaign)
    pools = [factories.judgment(alice, campaign).task.pool for _ in range(40)]
    assert 8 <= pools.count("gold") <= 30, "a half, within four deviations"
    with statements() as asked:
        assignments.next_for(annotator=alice, campaign=campaign)
    assert len(asked) == 3


def test_who_does_not_want_warned_tasks_gets_none():
    campaign = factories.campaign()
    factories.task(campaign, content_warning="violence")
    alice, bob = factories.evaluator(campaign), factories.evaluator(campaign)
    alice.enrollments.update(takes_warned=False)
    assert assignments.next_for(annotator=alice, campaign=campaign) is None
    assert assignments.next_for(annotator=bob, campaign=campaign) is not None


def test_applying_takes_the_consent_in_force_and_keeps_its_version():
    campaign = factories.campaign()
    rita = factories.researcher_of(campaign)
    for text in ("First words", "Second words"):
        vetting.lock_consent(campaign=campaign, text=text, by=rita)
    person = factories.user()
    for version in (None, 1):
        with pytest.raises(evaluators.ConsentMissing, match="version 2"):
            evaluators.apply(user=person, campaign=campaign, consent=version)
    enrollment = evaluators.apply(user=person, campaign=campaign, consent=2)
    vetting.lock_consent(campaign=campaign, text="Third words", by=rita)
    enrollment.refresh_from_db()
    assert enrollment.consent.version == 2


@pytest.mark.parametrize(("size", "line"), [(49, 10), (24, 0), (0, 3), (24, 25)])
def test_a_test_that_cannot_be_taken_is_refused(campaign, size, line):
    with pytest.raises(vetting.SettingRefused):
        vetting.set_test(campaign=campaign, size=size, line=line, gold_percent=10, by=factories.researcher_of(campaign))


def test_a_known_answer_needs_its_reason(campaign):
    rita, task = factories.researcher_of(campaign), factories.task(campaign)
    for outcome, why in (("a", " "), ("left", "x")):
        with pytest.raises(golds.GoldRefused):
            golds.set_answer(task=task, outcome=outcome, justification=why, by=rita)
    golds.set_answer(task=task, outcome="a", justification="x", by=rita)
    task.refresh_from_db()
    assert task.pool == "gold"


def test_each_step_has_its_event_and_without_it_nothing_changes(campaign, monkeypatch):
    enrollment = applicant(campaign)

    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    with monkeypatch.context() as broken:
        broken.setattr("annotation.services.audit._insert", fail)
        with pytest.raises(RuntimeError, match="full"):
            vetting.start(enrollment=enrollment)
    assert not Qualification.objects.exists()
    take(enrollment, 1.0, random.Random(1))
    bodies = b"".join(bytes(event.body) for event in AuditEvent.objects.all())
    counted = {a: bodies.count(f'"action":"qualification.{a}"'.encode()) for a in ("start", "answer", "finish")}
    assert counted == {"start": 1, "answer": SIZE, "finish": 1}
    assert bodies.count(b'"action":"gold.set"') == 2 * SIZE
