import re
from typing import Any

import pytest

from annotation.models import Judgment, Prompt, Response
from annotation.services import audit
from calibration.models import ItemEstimate
from calibration.views.tables import tasks
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import address, columns


@pytest.fixture
def many():
    of = builders.campaign(tasks=23, systems=4)
    builders.passed_run(of, [])
    return of


@pytest.fixture
def open_tasks(signed_in, monkeypatch):
    monkeypatch.setattr(tasks, "PAGE", 5)
    return lambda of, query="": signed_in(factories.researcher_of(of)).get(address("tasks", of, query=query))


def listed(html: str) -> list[str]:
    return [text for head, text in columns(html) if head == "Task"]


def walked(open_tasks, of, query: str) -> list[str]:
    """Follow the link to the next page until there is none."""
    found: list[str] = []
    while True:
        html = open_tasks(of, query).content.decode()
        found += listed(html)
        link = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if link is None:
            return found
        query = link[1].replace("&amp;", "&")


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["least", "most", "newest"])
def test_pages_show_each_task_once_whatever_the_sorting(many, open_tasks, sort):
    names = walked(open_tasks, many, f"?sort={sort}")
    assert sorted(names) == sorted(f"T-{task.pk}" for task in many.tasks.all())


@pytest.mark.django_db
def test_pages_hold_when_many_tasks_are_equally_sure(many, open_tasks):
    ItemEstimate.objects.filter(task__campaign=many).update(p_a=0.5, p_tie=0.2, p_b=0.3)
    assert len(set(walked(open_tasks, many, "?sort=least"))) == 23


@pytest.mark.django_db
def test_the_least_sure_come_first(many, open_tasks):
    sure = [float(text) for head, text in columns(open_tasks(many).content.decode()) if head == "Sure"]
    assert sure == sorted(sure)
    assert len(sure) == 5


@pytest.mark.django_db
def test_tasks_are_filtered_by_state_and_the_next_page_keeps_the_filter(many, open_tasks):
    names = walked(open_tasks, many, "?state=sure")
    expected = [row for row in ItemEstimate.objects.filter(task__campaign=many) if tasks.likeliest(row)[1] >= 0.9]
    assert sorted(names) == sorted(f"T-{row.task_id}" for row in expected)
    assert len(names) < 23


@pytest.mark.django_db
def test_words_are_looked_for_in_the_prompts_texts_alone(many, open_tasks):
    prompt = many.tasks.first().prompt
    messages = [{"role": "user", "content": "Why was my DOSE halved? 100%"}]
    Prompt.objects.filter(pk=prompt.pk).update(messages=messages)
    assert len(listed(open_tasks(many, "?words=dose").content.decode())) == 1
    assert len(listed(open_tasks(many, "?words=100%25").content.decode())) == 1
    assert "No task like this" in open_tasks(many, "?words=role").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?words=%00", "?words='; drop table x --", "?sort=luck&state=odd"])
def test_odd_filters_are_harmless(many, open_tasks, query):
    assert open_tasks(many, query).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["x", "1;2", "nan:1", "0.5:", "0.5:99999999999999999999"])
def test_a_broken_page_key_is_not_found(many, open_tasks, after):
    assert open_tasks(many, f"?after={after}").status_code == 404


@pytest.mark.django_db
def test_judgments_are_drawn_as_shares_with_their_counts(many, open_tasks):
    alice = factories.evaluator(many)
    judgment = factories.judgment(alice, many, "tie")
    task = judgment.task
    Prompt.objects.filter(pk=task.prompt_id).update(messages=[{"role": "user", "content": "the judged one"}])
    html = open_tasks(many, "?words=judged").content.decode()
    assert 'aria-label="A 0, tie 1, B 0, both bad 0"' in html


@pytest.mark.django_db
def test_only_verdicts_in_force_are_counted(of):
    corrected = factories.judgment(factories.evaluator(of), of, "left")
    _write_after(corrected, outcome="tie", supersedes=corrected, revision=1)
    _write_after(corrected, outcome="refused", annotator=builders.annotator(builders.PROFILES[-1]))
    counts = tasks.outcomes(of.tasks.values_list("pk", flat=True), of.rubric.criteria.get())
    assert dict(counts) == {corrected.task_id: {"tie": 1}}


def _write_after(first: Judgment, **changes: Any) -> None:
    """Write another row on the same task: the first one with some fields changed."""
    copied = ("campaign", "task", "annotator", "criterion", "round", "shown_order", "submitted_at", "payload_sha256")
    later = Judgment(**{name: getattr(first, name) for name in copied} | changes, idempotency_key="later")
    audit.seal(later)
    later.save()


@pytest.mark.django_db
def test_htmx_gets_the_list_alone(of, run, rita, signed_in):
    answer = signed_in(rita).get(
        address("tasks", of, query="?sort=most"), headers={"HX-Request": "true", "HX-Target": "tasks"}
    )
    assert answer.content.decode().strip().startswith('<div class="c9 stack" id="tasks">')


@pytest.mark.django_db
def test_the_list_takes_the_same_queries_for_any_number(rita, signed_in, django_assert_num_queries):
    few, many = builders.campaign(by=rita, tasks=1), builders.campaign(by=rita, tasks=20)
    client = signed_in(rita)
    for of in (few, many):
        builders.passed_run(of, [])
        with django_assert_num_queries(11):
            client.get(address("tasks", of))


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([{"role": "user", "content": "One\n  two"}], "One two"),
        (
            [
                {"role": "user", "content": "Old"},
                {"role": "assistant", "content": "Yes"},
                {"role": "user", "content": "New"},
            ],
            "New",
        ),
        ([], "p7"),
        ([{"role": "user", "content": "x" * 200}], "x" * 90 + "…"),
        ([{"role": "user", "content": "word " * 40}], "word " * 17 + "word…"),
    ],
)
def test_an_excerpt_is_the_beginning_of_the_last_question(messages, text):
    assert tasks.excerpt(Prompt(key="p7", messages=messages)) == text


def test_the_detail_shows_texts_posterior_and_judgments(of, run, rita, signed_in):
    builders.judged(of, evaluators=2)
    task = of.tasks.order_by("pk").first()
    html = signed_in(rita).get(address("task", of, task.public_id)).content.decode()
    assert task.prompt.html in html
    assert task.response_a.html in html
    assert task.response_b.html in html
    cells = columns(html)
    assert sum(head == "Annotator" for head, _ in cells) == 2
    assert {text for head, text in cells if head == "Shown"} <= {"A left", "B left"}
    assert any(head == "A better" and "[" in text for head, text in cells)


def test_the_detail_says_where_the_source_gives_no_text(of, run, rita, signed_in):
    task = of.tasks.first()
    Response.objects.filter(pk=task.response_a_id).update(text=None, html="")
    Prompt.objects.filter(pk=task.prompt_id).update(html="", messages=[])
    html = signed_in(rita).get(address("task", of, task.public_id)).content.decode()
    assert "The source gives no text of this response." in html
    assert f"only the key {task.prompt.key}" in html


def test_the_detail_without_a_run_or_judgments_stands_on_its_texts(of, rita, signed_in):
    html = signed_in(rita).get(address("task", of, of.tasks.first().public_id)).content.decode()
    assert "This task waits for its first annotator" in html
    assert "What the run makes of it" not in html


def test_the_detail_takes_the_same_queries_for_any_number_of_judgments(
    of, run, rita, signed_in, django_assert_num_queries
):
    task = of.tasks.first()
    client = signed_in(rita)
    for people in (0, 3):
        builders.judged(of, evaluators=people)
        with django_assert_num_queries(11):
            client.get(address("task", of, task.public_id))


def test_contested_tasks_are_marked_and_found(of, run, rita, signed_in):
    chosen = of.tasks.first()
    key = run.estimates.exclude(criterion=None).first().criterion.key
    marked = {"contested": {"items": [{"item": str(chosen.public_id)}]}}
    type(run).objects.filter(pk=run.pk).update(adequacy={key: marked})
    client = signed_in(rita)
    everything = client.get(address("tasks", of)).content.decode()
    assert everything.count(">Contested</span>") == 2
    only = client.get(address("tasks", of, query="?state=contested")).content.decode()
    assert f"T-{chosen.pk}<" in only
    assert only.count("T-") == 1
