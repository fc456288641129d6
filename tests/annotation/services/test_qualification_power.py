"""Who passes the test: simulated people through the real services, against the exact curve that researchers see."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import Assignment, Gold, Qualification
from annotation.services import audit, golds, judgments, passing, vetting
from annotation.tasktypes.answers import Answer
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
SIZE, GOLDS, PEOPLE = 24, 48, 200
Choose = Callable[[int, str], str]


@pytest.fixture
def campaign():
    made = factories.campaign()
    rita = factories.researcher_of(made)
    for number in range(GOLDS):
        task = factories.task(made, pool="gold")
        golds.set_answer(task=task, outcome="ab"[number % 2], justification="one is wrong", by=rita)
    line = passing.suggested_line(SIZE)
    vetting.set_test(campaign=made, size=SIZE, line=line, gold_percent=10, by=rita)
    return made


def take(campaign, choose: Choose) -> Qualification:
    """Apply and answer a whole test; `choose` gets the task and the side of its known answer."""
    person = factories.evaluator(campaign, qualified=False)
    attempt = vetting.start(enrollment=person.enrollments.get())
    known = dict(Gold.objects.values_list("task", "outcome"))
    while due := vetting.current(attempt):
        side = "left" if (known[due.task_id] == "a") == (due.shown_order == "ab") else "right"
        given = Answer(choose(due.task_id, side))
        attempt = vetting.answer(attempt=attempt, by=person, place=due.place, given=given)
    return attempt


def other(side: str) -> str:
    return "right" if side == "left" else "left"


def right_at(accuracy: float, chance: random.Random) -> Choose:
    return lambda task, side: side if chance.random() < accuracy else other(side)


def copied_from(accuracy: float, chance: random.Random) -> Choose:
    """Give one model's answers, the same for everybody who copies them."""
    wrong = {task for task in Gold.objects.values_list("task", flat=True) if chance.random() >= accuracy}
    return lambda task, side: other(side) if task in wrong else side


@pytest.mark.slow
def test_simulated_people_pass_as_often_as_the_curve_says(campaign):
    chance = random.Random(7)
    kinds: list[tuple[str, float, Choose]] = [
        ("any answer of the menu", 0.25, lambda task, side: chance.choice(["left", "right", "tie", "both_bad"])),
        ("a side by chance", 0.5, lambda task, side: chance.choice(["left", "right"])),
        ("always the first side", 0.5, lambda task, side: "left"),
        ("right .65", 0.65, right_at(0.65, chance)),
        ("right .80", 0.80, right_at(0.80, chance)),
        ("right .90", 0.90, right_at(0.90, chance)),
    ]
    line = campaign.qualification_line
    print(f"\n{SIZE} known answers, line {line}, {PEOPLE} people a kind\n{'kind':<26}{'passed':>8}{'exact':>8}")
    for kind, accuracy, choose in kinds:
        passed = sum(take(campaign, choose).state == "passed" for _ in range(PEOPLE))
        expected = passing.chance(SIZE, line, accuracy)
        print(f"{kind:<26}{passed / PEOPLE:>8.3f}{expected:>8.3f}")
        deviation = (PEOPLE * expected * (1 - expected)) ** 0.5
        assert abs(passed - PEOPLE * expected) <= 4 * deviation + 1, (kind, passed)
        if kind in {"any answer of the menu", "a side by chance", "always the first side"}:
            assert passed <= 0.06 * PEOPLE, "who clicks at random fails at least 94 times in 100"
    assert passing.chance(SIZE, line, 0.9) >= 0.99
    copies = sum(take(campaign, copied_from(0.8, chance)).state == "passed" for _ in range(PEOPLE // 4))
    print(f"{'copies a model right .80':<26}{copies / (PEOPLE // 4):>8.3f}{passing.chance(SIZE, line, 0.8):>8.3f}")


def test_a_judges_answers_are_counted_on_known_answers_alone(campaign):
    assert golds.models_measured(campaign) == []
    config = clients.judge(campaign, factories.researcher_of(campaign))
    for task in [*campaign.tasks.order_by("pk")[:2], factories.task(campaign)]:
        verdict(config.annotator, task)
    assert golds.models_measured(campaign) == [passing.Model(config.annotator.name, 1, 2)]


def verdict(judge, task) -> None:
    """Let a judge find the canonical first response better."""
    moment = timezone.now()
    kept = Assignment(campaign=task.campaign, task=task, annotator=judge, shown_order="ab")
    kept.leased_at, kept.expires_at = moment, moment + timedelta(minutes=5)
    audit.seal(kept)
    kept.save()
    answers = {"overall": Answer("left")}
    judgments.submit(by=judge, assignment_id=kept.public_id, answers=answers, idempotency_key=kept.public_id)
