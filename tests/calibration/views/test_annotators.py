import pytest

from annotation.models import Judgment
from calibration.models import Estimate, ItemEstimate
from calibration.views.tables import annotator_detail, annotators
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import address, columns


@pytest.fixture
def criterion(of):
    return of.rubric.criteria.get()


def names(rows) -> list[str]:
    return [row.annotator.name for row in rows]


def test_a_concern_needs_the_whole_interval_beyond_the_line(run, criterion):
    rows = {row.annotator.name: row.concerns for row in annotators.rows(run, criterion)}
    assert rows["dunlin"] == ("reliability",)
    assert rows["turnstone"] == rows["Quill-S, config 9f2c"] == ("position bias",)
    # Leaves zero out, yet by less than the line.
    assert rows["Tally-32b, config c7e8"] == ()


def test_an_annotator_of_few_judgments_raises_no_concern(of, criterion):
    run = builders.passed_run(of, [builders.Profile("plover", reliability=0.52, shift=0.4, n=19)])
    (row,) = annotators.rows(run, criterion)
    assert row.is_few
    assert row.concerns == ()


def test_an_annotator_who_gave_little_information_raises_no_concern(run, criterion):
    Estimate.objects.filter(run=run, annotator__name="dunlin").update(parameter="little information")
    row = next(row for row in annotators.rows(run, criterion) if row.annotator.name == "dunlin")
    assert row.is_vague
    assert row.concerns == ()


def test_rows_are_sorted_as_asked_and_never_by_chance(run, criterion):
    by_name = annotators.rows(run, criterion, sort="name")
    assert names(by_name) == sorted(names(by_name), key=str.casefold)
    assert names(annotators.rows(run, criterion, sort="judgments"))[:2] == [
        "Quill-S, config 9f2c",
        "Tally-32b, config c7e8",
    ]
    assert names(annotators.rows(run, criterion, sort="position"))[0] == "Quill-S, config 9f2c"
    assert names(annotators.rows(run, criterion, sort="reliability"))[0] == "dunlin"


def test_the_list_is_filtered_by_kind(of, run, rita, signed_in):
    html = signed_in(rita).get(address("annotators", of, query="?kind=judge&sort=name")).content.decode()
    assert "Tally-32b" in html
    assert "heron" not in html


def test_an_unknown_filter_shows_everybody(of, run, rita, signed_in):
    html = signed_in(rita).get(address("annotators", of, query="?kind=robot&sort=luck&page=x")).content.decode()
    assert "Tally-32b" in html
    assert "heron" in html


def test_a_kind_without_annotators_says_so(of, rita, signed_in):
    builders.passed_run(of, builders.PROFILES[:1])
    html = signed_in(rita).get(address("annotators", of, query="?kind=judge")).content.decode()
    assert "No annotator of this kind" in html


def test_htmx_gets_the_region_alone_with_its_chart(of, run, rita, signed_in):
    answer = signed_in(rita).get(
        address("annotators", of, query="?kind=judge"), headers={"HX-Request": "true", "HX-Target": "annotators"}
    )
    html = answer.content.decode()
    assert html.strip().startswith('<div class="stack" id="annotators">')
    assert "<main" not in html
    assert "<script" not in html
    assert "data-chart=" in html


def test_an_estimate_that_the_run_lacks_is_said_to_be_missing(of, rita, signed_in):
    run = builders.passed_run(of, builders.PROFILES[:1])
    Estimate.objects.filter(run=run, quantity=Estimate.Quantity.TIE_RATE).delete()
    cells = columns(signed_in(rita).get(address("annotators", of)).content.decode())
    assert ("Ties", "not estimated") in cells


def test_the_list_comes_in_pages(of, rita, signed_in, monkeypatch):
    monkeypatch.setattr("calibration.views.annotators.PAGE", 2)
    builders.passed_run(of)
    html = signed_in(rita).get(address("annotators", of, query="?sort=name&page=2")).content.decode()
    assert "Page 2 of 4" in html
    assert "kind=&amp;sort=name&amp;page=3" in html


def test_the_list_takes_the_same_queries_for_any_number(rita, signed_in, django_assert_num_queries):
    few, many = builders.campaign(by=rita), builders.campaign(by=rita)
    builders.passed_run(few, builders.PROFILES[:1])
    builders.passed_run(many, [builders.Profile(f"bird {number}") for number in range(40)])
    client = signed_in(rita)
    for of in (few, many):
        with django_assert_num_queries(9):
            client.get(address("annotators", of))


def test_the_detail_shows_each_quantity_with_its_scale_and_meaning(of, run, rita, signed_in):
    (person,) = builders.judged(of, evaluators=1)
    builders.profile_of(run, person)
    html = signed_in(rita).get(address("annotator", of, person.public_id)).content.decode()
    cells = columns(html)
    for quantity in (
        "Reliability",
        "Discrimination",
        "Position bias",
        "Position bias, log-odds",
        "Length bias, log-odds",
        "Ties",
    ):
        assert ("Quantity", quantity) in cells
    assert ("Estimate", "0.88 [0.84, 0.92]") in cells
    assert ("Scale", "−0.40 to +0.40") in cells


def test_the_detail_of_one_whom_the_run_did_not_see_says_so(of, run, rita, signed_in):
    (person,) = builders.judged(of, evaluators=1)
    html = signed_in(rita).get(address("annotator", of, person.public_id)).content.decode()
    assert f"Run {run.pk} saw no judgment of {person.name}" in html


def test_facts_count_first_sides_in_what_was_shown(of):
    alice = factories.evaluator(of)
    for side in ("left", "left", "right"):
        factories.judgment(alice, of, side)
    facts = annotator_detail.facts(alice, of)
    assert (facts.judgments, facts.tasks) == (3, 3)
    assert (facts.first_chosen, facts.first_known) == (2, 3)


def test_differences_are_the_answers_unlike_the_likeliest_outcome(of, criterion):
    alice = factories.evaluator(of)
    for _ in range(3):
        factories.judgment(alice, of, "left")
    run = builders.passed_run(of, [])
    first, second, third = Judgment.objects.filter(annotator=alice).order_by("pk")
    _set(run, first, **{first.outcome: 0.9})
    _set(run, second, **{"b" if second.outcome == "a" else "a": 0.7})
    _set(run, third, tie=0.8)
    found = annotator_detail.differences(alice, run, criterion)
    assert found.total == 2
    assert [row.judgment for row in found.rows] == [third, second]
    assert [(row.consensus, row.sure) for row in found.rows][0] == ("Tie", 0.8)


def _set(run, judgment: Judgment, **outcome: float) -> None:
    rest = (1 - sum(outcome.values())) / 2
    values = {f"p_{name}": outcome.get(name, rest) for name in ("a", "tie", "b")}
    ItemEstimate.objects.filter(run=run, task=judgment.task).update(**values)
