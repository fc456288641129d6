"""What a task and an answer cost the database: few statements, and as many however much is in the record."""

import pytest
from django.urls import reverse

from annotation.models import Assignment, Judgment
from annotation.services import assignments, rubrics
from annotation.services.campaigns import CriterionDraft
from tests import factories
from tests.annotation.api import clients
from tests.annotation.statements import statements

pytestmark = pytest.mark.django_db
NEXT, SUBMIT = 5, 8
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def campaign():
    made = factories.campaign(
        overlap=3, criteria=[CriterionDraft("help", "Help"), CriterionDraft("honesty", "Honesty")]
    )
    for _ in range(4):
        factories.task(made)
    return made


def form(annotator, **more):
    held = Assignment.objects.get(annotator=annotator, state="leased")
    return {"assignment": held.public_id, "key": held.public_id, "answer-help": "left", "answer-honesty": "tie"} | more


@pytest.fixture(autouse=True)
def plain_static_files(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def browser(client, alice):
    client.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_new_task_and_one_shown_again_cost_at_most_five_statements(browser, campaign, alice):
    address = reverse("evaluate", args=[campaign.slug])
    rubrics.criteria(campaign.rubric.pk)  # a process reads a locked rubric once
    for _ in ("new", "again"):
        with statements() as asked:
            response = browser.get(address)
        assert "answer-honesty" in response.content.decode()
        assert len(asked) <= NEXT, asked


def test_an_answer_with_two_criteria_costs_at_most_eight_statements(browser, campaign, alice):
    address = reverse("evaluate", args=[campaign.slug])
    browser.get(address)
    data = form(alice)
    with statements() as asked:
        response = browser.post(address, data)
    assert response.status_code == 302
    assert Judgment.objects.count() == 2
    assert len(asked) <= SUBMIT, asked


def test_an_answer_and_the_next_task_in_one_round_share_session_and_user(browser, campaign, alice):
    address = reverse("evaluate", args=[campaign.slug])
    browser.get(address)
    data = form(alice)
    with statements() as asked:
        response = browser.post(address, data, **HTMX)
    assert 'name="assignment"' in response.content.decode()
    assert len(asked) <= SUBMIT + NEXT - 2, asked


def test_the_api_costs_no_more_than_the_page(campaign, alice):
    client = clients.client(alice.user)
    client.post(f"{clients.API}/campaigns/{campaign.slug}/next/")
    held = Assignment.objects.get(annotator=alice)
    body = {"answers": {"help": {"side": "left"}, "honesty": {"side": "right"}}}
    with statements() as asked:
        sent = client.post(f"{clients.API}/assignments/{held.public_id}/judgments/", body, HTTP_IDEMPOTENCY_KEY="k")
    assert sent.status_code == 201
    assert len(asked) <= SUBMIT, asked


@pytest.mark.parametrize(("tasks", "answered"), [(2, 0), (60, 0), (60, 55)])
def test_the_services_ask_as_often_with_many_tasks_and_many_answers(tasks, answered):
    campaign = factories.campaign(overlap=2)
    alice = factories.evaluator(campaign)
    for _ in range(tasks):
        factories.task(campaign)
    for _ in range(answered):
        factories.judgment(alice, campaign)
    with statements() as asked:
        assert assignments.next_for(annotator=alice, campaign=campaign)
    assert len(asked) == 3, "seat, find, lease"


def test_a_diligent_person_is_not_walked_past_what_they_have_done():
    campaign = factories.campaign(overlap=2)
    alice = factories.evaluator(campaign)
    for _ in range(6):
        factories.task(campaign)
    keys = []
    for _ in range(6):
        factories.judgment(alice, campaign)
        keys.append(Assignment.objects.latest("id").task.shuffle_key)
        alice.enrollments.get().refresh_from_db()
        assert alice.enrollments.get().pick_from == keys[-1]
    turns = sum(after < before for before, after in zip(keys, keys[1:], strict=False))
    assert turns <= 1, "once around, never back and forth"
