import pytest

from calibration.models import Agreement
from calibration.views.tables import agreement
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


def test_parts_stand_apart_from_the_whole(of, run, rita, signed_in):
    Agreement.objects.filter(run=run, who="all").update(slice="pool=adversarial")
    html = signed_in(rita).get(address("agreement", of)).content.decode()
    whole, _, parts = html.partition("By part")
    assert "All annotators, pool adversarial" in parts
    assert "adversarial" not in whole


def test_a_measure_that_the_page_does_not_know_is_shown_by_its_name(of, run, rita, signed_in):
    Agreement.objects.filter(run=run, who="all").update(metric="scott_pi")
    assert ("Measure", "scott pi") in columns(signed_in(rita).get(address("agreement", of)).content.decode())


def test_the_page_without_a_run_offers_one(of, rita, signed_in):
    html = signed_in(rita).get(address("agreement", of)).content.decode()
    assert "No calibration run has passed yet" in html
    assert "Start a calibration run" in html
