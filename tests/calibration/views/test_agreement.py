import re

import pytest

from calibration.models import Agreement
from calibration.views.tables import agreement, pairs
from tests.calibration import boards
from tests.calibration.views.pages import address, columns


@pytest.fixture
def criterion(of):
    return of.rubric.criteria.get()


def test_people_come_first_and_the_simplest_measure_before_the_others(run, criterion):
    found = [(row.record.who, row.record.metric) for row in agreement.rows(run, criterion)]
    assert found[:3] == [
        ("human", "percent_pooled"),
        ("human", "alpha_nominal"),
        ("human", "alpha_ordinal_krippendorff"),
    ]
    assert [who for who, _ in found[3:]] == ["human-judge", "judge", "judge", "all"]


def test_an_undefined_statistic_gives_its_reason_and_no_number(of, run, rita, signed_in):
    cells = columns(signed_in(rita).get(address("agreement", of)).content.decode())
    assert ("Estimate", "Undefined: no task has two judgments by judges") in cells
    assert ("Estimate", "73% [68, 78]") in cells


def test_a_value_without_an_interval_is_not_shown_as_an_estimate(of, run, rita, signed_in):
    Agreement.objects.filter(run=run, who="all").update(ci_low=None, ci_high=None)
    cells = columns(signed_in(rita).get(address("agreement", of)).content.decode())
    assert ("Estimate", "Undefined: no interval was computed") in cells
    assert not any("0.57" in text for _, text in cells)


def test_every_record_names_its_n_and_how_the_interval_came_about(of, run, rita, signed_in):
    cells = columns(signed_in(rita).get(address("agreement", of)).content.decode())
    assert ("n", "1,918") in cells
    assert ("Interval by", "bootstrap of tasks and annotators, 2,000 resamples") in cells


@pytest.fixture
def shown(of, run, rita, signed_in):
    boards.agreed(run)
    return signed_in(rita).get(address("agreement", of)).content.decode()


def test_parts_stand_apart_from_the_whole_each_dimension_by_itself(shown):
    heads = re.findall(r"<h2 id=\"h-[^\"]*\">([^<]*)</h2>", shown)
    assert heads == [
        "Over all tasks", "Who agrees with whom", "By tag", "By pool", "By language", "By week", "Votes by turn",
    ]  # fmt: skip
    assert "edge" not in shown.partition("By tag")[0]
    parts = [text for head, text in columns(shown) if head == "Part"]
    assert parts[4:8] == ["edge", "edge", "regular", "regular"]
    assert "3 further tags with fewer judgments" in shown


def test_a_part_without_a_figure_says_why_and_a_missing_value_comes_last(shown):
    parts = [text for head, text in columns(shown) if head == "Part"]
    assert parts[-2:] == ["(none)", "(none)"]
    assert ("α", "Undefined: no unit has two judgments to compare") in columns(shown)


def test_a_week_opens_the_judgments_of_its_seven_days(shown):
    assert "since=2026-11-09&amp;before=2026-11-16" in shown
    assert "dated=no" in shown


def test_every_pair_has_its_n_and_its_interval_or_why_not(run, shown):
    heat = shown.partition('class="table heat"')[2].partition("</table>")[0]
    assert heat.count("90% interval [") == run.pairs.filter(alpha_nominal__isnull=False).count()
    assert heat.count("12 common items, 20 needed") == run.pairs.filter(n_items=12).count()
    assert heat.count("h-few") == run.pairs.filter(n_items__lt=30).count()


def test_the_matrix_holds_the_annotators_with_the_most_common_tasks_and_counts_the_others(run, criterion, monkeypatch):
    boards.agreed(run)
    monkeypatch.setattr(pairs, "SHOWN", 4)
    found = pairs.matrix(run, criterion)
    assert (len(found.columns), len(found.rows), found.left) == (3, 3, 3)
    assert [len(row.cells) for row in found.rows] == [1, 2, 3]


def test_the_matrix_asks_three_questions_however_many_pairs(run, criterion, django_assert_num_queries):
    boards.agreed(run)
    with django_assert_num_queries(3):
        pairs.matrix(run, criterion)


def test_votes_are_shown_by_turn_as_counts(shown):
    assert ("Alike, ties counted", "886 of 1,343 (66%)") in columns(shown)


def test_without_a_common_task_the_page_says_what_to_do(of, run, rita, signed_in):
    html = signed_in(rita).get(address("agreement", of)).content.decode()
    assert "Raise the overlap" in html
    assert "One part only" in html


def test_a_measure_that_the_page_does_not_know_is_shown_by_its_name(of, run, rita, signed_in):
    Agreement.objects.filter(run=run, who="all").update(metric="scott_pi")
    assert ("Measure", "scott pi") in columns(signed_in(rita).get(address("agreement", of)).content.decode())


def test_the_page_without_a_run_offers_one(of, rita, signed_in):
    html = signed_in(rita).get(address("agreement", of)).content.decode()
    assert "No calibration run has passed yet" in html
    assert "Start a calibration run" in html
