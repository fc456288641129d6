"""Where people truly differ is shown as a distribution, and nobody is blamed for dissent."""

import pytest

from calibration.models import ItemEstimate, Run
from calibration.views.tables import annotators
from tests.calibration import builders
from tests.calibration.views.pages import address, cells, columns

OUTCOMES = [
    {"group": 0, "share": 0.7, "p_a": 0.81, "p_tie": 0.1, "p_b": 0.09},
    {"group": 1, "share": 0.3, "p_a": 0.12, "p_tie": 0.08, "p_b": 0.8},
    {"group": -1, "share": 1.0, "p_a": 0.6, "p_tie": 0.09, "p_b": 0.31},
]


@pytest.fixture
def differing(of, run) -> Run:
    """Return a run that found one contested task, two taste groups and one annotator whose answers say nothing."""
    key = of.rubric.criteria.get().key
    named = {row.annotator.name: row.annotator for row in run.estimates.exclude(annotator=None)}
    item = {"item": str(of.tasks.order_by("pk").first().public_id), "n": 9, "dissent": 0.62, "expected_dissent": 0.31}
    found = {
        "n_items": 3, "n_contested": 1, "items": [item | {"contested_by": "item, tag", "outcomes": OUTCOMES}],
        "tags": [{"tag": "medical"}], "pairs": [], "n_groups": 2,
        "flagged": [{"annotator": str(named["heron"].public_id), "reason": "fixed side"}],
        "members": [{"annotator": str(named["lapwing"].public_id), "group": 1, "probability": 0.93}],
    }  # fmt: skip
    weights = [{"candidate": "hierarchical", "log_score": -0.81, "weight": 0.55}]
    weighed = {"weights": weights, "floor": 0.2, "floor_reason": "assumed: fewer than 20 gold items"}
    run.adequacy = {key: {"contested": found, "consensus": weighed}}
    run.save()
    run.named = named
    return run


@pytest.fixture
def opened(of, differing, rita, signed_in):
    client = signed_in(rita)
    return lambda name, *more: client.get(address(name, of, *more)).content.decode()


def test_a_contested_task_is_reported_as_a_distribution_by_group(of, opened):
    html = opened("task", of.tasks.order_by("pk").first().public_id)
    shown = columns(html)
    assert [text for head, text in shown if head == "Group"] == ["Taste group 1", "Taste group 2", "All, as a mixture"]
    assert [text for head, text in shown if head == "A wins"][-3:] == ["0.81", "0.12", "0.60"]
    assert "62% of the pairs of judgments here oppose each other; noise alone would give 31%" in html
    assert "Dissent alone is no fault" in html


def test_a_task_on_which_people_agree_has_no_groups(of, opened):
    assert "Taste group" not in opened("task", of.tasks.order_by("pk").last().public_id)


def test_the_list_of_tasks_counts_the_contested(opened):
    assert '<a href="?state=contested">1 contested</a>' in opened("tasks")


def test_who_says_nothing_needs_a_look_and_is_told_apart_from_dissent(of, differing, opened):
    heron = differing.named["heron"]
    rows = {row.annotator.name: row for row in annotators.rows(differing, of.rubric.criteria.get())}
    assert rows["heron"].concerns == ("fixed side",)
    assert rows["lapwing"].concerns == ()
    builders.judged(of, evaluators=1)
    html = opened("annotators")
    assert "Fixed side" in html
    assert "Dissent alone is no fault." in html
    assert heron.name in html


def test_the_page_of_a_flagged_annotator_says_why_in_words(of, differing, opened):
    row = of.judgments.first() or builders.judged(of, evaluators=1)[0].judgments.first()
    key = of.rubric.criteria.get().key
    differing.adequacy[key]["contested"]["flagged"][0]["annotator"] = str(row.annotator.public_id)
    differing.save()
    html = opened("annotator", row.annotator.public_id)
    assert "the answers stay on one side, whatever is shown there" in html
    assert "dissent alone is no fault" in html


def test_a_member_of_a_smaller_group_is_not_flagged_for_it(of, differing, opened):
    person = builders.judged(of, evaluators=1)[0]
    key = of.rubric.criteria.get().key
    differing.adequacy[key]["contested"]["members"][0]["annotator"] = str(person.public_id)
    differing.save()
    html = opened("annotator", person.public_id)
    assert "2 of 2, a smaller one, which is no fault" in html
    assert "Look at these answers" not in html


def test_a_run_says_what_differs_and_how_the_consensus_is_floored(of, differing, opened):
    html = opened("run", differing.public_id)
    assert "Where people differ" in html
    assert "1 of 3" in html
    assert "a floor of 0.20 of each task’s own counts, assumed: fewer than 20 gold items" in html


def test_the_pooled_outcome_stands_beside_that_of_the_model(of, run, opened):
    task = of.tasks.order_by("pk").first()
    ItemEstimate.objects.filter(run=run, task=task).update(pooled_a=0.44, pooled_tie=0.33, pooled_b=0.23)
    html = opened("task", task.public_id)
    assert "over all accounts of the consensus, by their weights" in html
    assert "0.44" in " ".join(cells(html, "num"))


def test_a_run_that_could_not_look_for_differences_shows_its_pages_all_the_same(of, run, rita, signed_in):
    key = of.rubric.criteria.get().key
    run.adequacy = {key: {"contested": {"error": "ValueError: no"}}}
    run.save()
    client = signed_in(rita)
    for name in ("tasks", "annotators", "overview"):
        assert client.get(address(name, of)).status_code == 200
    assert "none contested" in client.get(address("tasks", of)).content.decode()
