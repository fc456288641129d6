"""The judgments behind a figure: filters, counts that equal the figure's n, and why a row does not count."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Judgment
from annotation.services import audit
from calibration.models import Run
from calibration.views.tables import judgments
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import address, cells, columns


@pytest.fixture
def people(of):
    return builders.judged(of, evaluators=3)


@pytest.fixture
def open_list(of, rita, signed_in):
    client = signed_in(rita)
    return lambda query="": client.get(address("judgments", of, query=query))


def totals(response) -> tuple[int, int, int]:
    """Return the judgments, tasks and annotators that the page counts."""
    judged, tasks, who = (int(text.replace(",", "")) for text in cells(response.content.decode(), "value"))
    return judged, tasks, who


def another_row(judgment: Judgment, **values: object) -> Judgment:
    """Record a further row beside a judgment: a repeat, a correction, a withdrawal."""
    kept = ("campaign", "task", "annotator", "criterion", "outcome", "shown_order", "round", "submitted_at")
    made = Judgment(**{name: getattr(judgment, name) for name in kept} | values)
    made.idempotency_key, made.payload_sha256 = f"again:{judgment.pk}:{len(values)}:{made.round}", "0" * 64
    audit.seal(made)
    made.save()
    return made


@pytest.fixture
def history(of, people) -> Run:
    """Return a run that saw nine answers, of which one was corrected, one taken back, one repeated, one refused."""
    first = list(of.judgments.order_by("pk"))
    another_row(first[0], revision=1, supersedes=first[0], outcome="tie")
    another_row(first[1], revision=1, supersedes=first[1], outcome="", is_retraction=True)
    another_row(first[2], round=1)
    another_row(first[3], round=1, outcome="refused")
    run = builders.run(of, last_judgment_id=of.judgments.order_by("-pk").first().pk)
    another_row(first[4], revision=1, supersedes=first[4], outcome="tie")
    return run


def test_a_row_says_who_judged_what_and_whether_it_counts(of, people, open_list):
    row = of.judgments.order_by("-pk").first()
    shown = columns(open_list().content.decode())[:]
    listed = [text for head, text in shown if head == "Annotator"]
    assert listed[0] == row.annotator.name
    heads = {head for head, _ in shown}
    assert heads >= {"Annotator", "Task", "A", "B", "Criterion", "Chose", "Shown", "Round", "When", "Counts"}
    assert ("Counts", "Yes: in the estimates and in agreement") in shown


def test_every_row_has_one_standing_and_the_uses_are_cut_along_them(history, open_list):
    at = f"?run={history.public_id}"
    counted = {
        use: totals(open_list(f"{at}&use={use}"))[0] for use in ("agreement", "repeat", "nonverdict", "corrected")
    }
    counted |= {use: totals(open_list(f"{at}&use={use}"))[0] for use in ("retracted", "newer", "model")}
    assert counted == {
        "agreement": 8, "repeat": 1, "nonverdict": 1, "corrected": 2, "retracted": 1, "newer": 1, "model": 9,
    }  # fmt: skip
    assert totals(open_list(at))[0] == 14
    standings = [int(text) for head, text in columns(open_list(at).content.decode()) if head == "n"]
    assert sum(standings) == 14


def test_a_row_that_does_not_count_says_why(history, open_list):
    shown = [
        text for head, text in columns(open_list(f"?run={history.public_id}").content.decode()) if head == "Counts"
    ]
    assert set(shown) == {
        "Yes: in the estimates and in agreement",
        "In the estimates: a repeat: agreement takes the first round only",
        "No: no verdict on a pair (none given, or about one response): counted, not fitted",
        "No: a later answer of the same annotator takes its place",
        "No: the annotator took the answer back",
        "Not yet: recorded after the run had read the record",
    }


def test_the_record_as_a_run_saw_it_does_not_move_when_more_is_recorded(of, history, open_list):
    before = totals(open_list(f"?run={history.public_id}&use=model"))
    another_row(of.judgments.filter(revision=0, superseded_by=None).first(), round=3)
    assert totals(open_list(f"?run={history.public_id}&use=model")) == before
    assert totals(open_list("?use=model"))[0] == before[0] + 1


def test_each_filter_narrows_to_its_rows(of, people, open_list):
    task = of.tasks.select_related("response_a__system", "response_b__system").order_by("pk")[0]
    a, b = task.response_a.system, task.response_b.system
    of.tasks.filter(pk=task.pk).update(pool="edge", tags=["medical", "short"])
    type(task.prompt).objects.filter(pk=task.prompt_id).update(language="de")
    one = of.judgments.order_by("pk").first()
    expected = {
        f"annotator={people[0].public_id}": of.judgments.filter(annotator=people[0]).count(),
        f"task={task.public_id}": 3,
        f"task=T-{task.pk}": 3,
        f"system={a.key}&against={b.key}": 3,
        "system=s00": 6,
        "pool=edge": 3,
        "tag=medical": 3,
        "tag=(none)": 6,
        "language=de": 3,
        "language=(none)": 6,
        "criterion=overall": 9,
        "kind=human": 9,
        "kind=not-human": 0,
        f"outcome={one.outcome}": of.judgments.filter(outcome=one.outcome).count(),
        f"annotator={people[0].public_id}&partner={people[1].public_id}": 6,
        "use=agreement&paired=yes": 9,
        "dated=no": 0,
        "since=2000-01-01": 9,
        "before=2000-01-01": 0,
    }
    key = of.rubric.criteria.get().key
    expected[f"criterion={key}"] = expected.pop("criterion=overall")
    assert {query: totals(open_list(f"?{query}"))[0] for query in expected} == expected


def test_shared_tasks_are_those_that_both_judged_by_the_same_criterion(of, people, open_list):
    alone = factories.task(of, system_a="s00", system_b="s01", prompt="alone")
    factories.judgment(people[0], of)
    assert alone.judgments.count() == 1
    query = f"?annotator={people[0].public_id}&partner={people[1].public_id}&use=agreement"
    assert totals(open_list(query)) == (6, 3, 2)


def test_windows_are_days_of_utc_and_leave_out_their_end(of, people, open_list):
    row = of.judgments.order_by("pk").first()
    another_row(row, round=1, submitted_at=datetime(2026, 3, 2, 0, 0, tzinfo=UTC))
    another_row(row, round=2, submitted_at=datetime(2026, 3, 8, 23, 59, tzinfo=UTC))
    another_row(row, round=3, submitted_at=datetime(2026, 3, 9, 0, 0, tzinfo=UTC))
    another_row(row, round=4, submitted_at=None)
    assert totals(open_list("?since=2026-03-02&before=2026-03-09"))[0] == 2
    assert totals(open_list("?dated=no"))[0] == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?colour=blue", "There is no filter &#x27;colour&#x27; here. Known: use, criterion"),
        ("?tag=a&tag=b", "stands twice"),
        ("?tag=%00", "NUL"),
        ("?run=1", "run: "),
        ("?run=7a1ab7fa-0ce0-4b83-a85e-5b81d2a5b6b1", "This campaign has no such run."),
        ("?annotator=nobody", "This campaign has no such annotator."),
        ("?system=none", "This campaign has no such system."),
        ("?task=x", "task is a number like T-17"),
        ("?task=99999999999999999999", "task is a number like T-17"),
        ("?use=maybe", "use: "),
        ("?since=yesterday", "since: "),
        ("?after=0", "after: "),
        ("?partner=nobody", "This campaign has no such annotator."),
        ("?against=s01", "against needs system"),
        ("?system=s01&against=s01", "are the same"),
    ],
)
def test_what_the_page_does_not_know_is_refused_with_what_to_do(people, open_list, query, words):
    response = open_list(query)
    assert response.status_code == 400
    assert words in response.content.decode()


def test_empty_fields_of_the_form_are_no_filters(people, open_list):
    assert totals(open_list("?use=&criterion=&annotator=&tag=&since=&run=&after="))[0] == 9


def test_names_that_two_annotators_share_need_an_id(of, people, open_list):
    type(people[0]).objects.filter(pk__in=[people[0].pk, people[1].pk]).update(name="twin")
    response = open_list("?annotator=twin")
    assert response.status_code == 400
    assert "several of this name" in response.content.decode()


def test_pages_show_each_row_once(of, people, open_list, monkeypatch):
    monkeypatch.setattr(judgments, "PAGE", 4)
    query, seen = "?use=model", []
    while True:
        html = open_list(query).content.decode()
        seen += re.findall(r'<tr><th scope="row"><span class="who">', html)
        link = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if link is None:
            break
        query = link[1].replace("&amp;", "&")
    assert (len(seen), "First page" in html) == (9, True)


def test_the_page_asks_the_same_number_of_questions_for_more_judgments(of, people, rita, signed_in):
    client, path = signed_in(rita), address("judgments", of, query="?use=model")
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(path)
    for number in range(30):
        factories.task(of, system_a="s00", system_b="s02", prompt=f"more {number}")
    for person in (factories.evaluator(of) for _ in range(3)):
        for _ in range(30):
            factories.judgment(person, of, "tie")
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    assert len(many) == len(few) <= 10


def test_judgments_of_another_campaign_are_not_reached_through_this_one(people, open_list):
    other = builders.campaign()
    stranger = builders.judged(other, evaluators=1)[0]
    assert open_list(f"?annotator={stranger.public_id}").status_code == 400
    assert open_list(f"?task={other.tasks.first().public_id}").status_code == 400
    assert open_list(f"?run={builders.run(other).public_id}").status_code == 400


def test_an_empty_list_says_what_to_do(people, open_list):
    assert "Take one away" in open_list("?kind=judge").content.decode()
