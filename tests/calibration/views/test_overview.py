import re

import pytest

from annotation.services.campaigns import CriterionDraft
from calibration.models import Run
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import address, cells


@pytest.fixture
def open_overview(of, rita, signed_in):
    return lambda: signed_in(rita).get(address("overview", of)).content.decode()


def test_the_page_opens_with_the_sentence_of_the_run(run, open_overview):
    html = open_overview()
    assert html.index(run.headline) < html.index('class="readings"') < html.index('class="strip')


def test_readings_count_the_record_and_repeat_the_run(of, run, open_overview):
    builders.judged(of, evaluators=2)
    readings = cells(open_overview(), "value")
    assert readings == ["6 of 9", "3 of 3", "0.58 [0.53, 0.63]", "73% [68, 78]", "just now"]


def test_newer_judgments_are_counted_against_the_run(of, run, open_overview):
    people = builders.judged(of, evaluators=2)
    first = people[0].judgments.order_by("pk")[0]
    Run.objects.filter(pk=run.pk).update(last_judgment_id=first.pk)
    assert "5 newer rows of judgment" in open_overview()


def test_the_strip_shows_the_checks_of_the_run(run, open_overview):
    strip = open_overview().partition('class="strip')[2].partition("</dl>")[0]
    for text in ("Passed all checks", "1.004", "1,210", "20417", run.data_sha256[:8], "38 excluded by rule"):
        assert text in strip


def test_a_failed_run_is_told_with_its_reasons_and_figures_stay_those_of_the_last_passed_run(of, run, open_overview):
    failed = builders.run(of, Run.State.NOT_CONVERGED)
    html = open_overview()
    banner = html.partition("banner-bad")[2].partition("</div>")[0]
    assert f"Run {failed.pk} did not pass its checks" in banner
    assert "R-hat is 1.034, the bar is 1.01; 14 divergences after warm-up" in banner
    assert f"Figures below are of run {run.pk}" in banner
    assert "0.58 [0.53, 0.63]" in cells(html, "value")
    assert run.headline in html


def test_a_run_that_follows_takes_the_banner_away(of, run, open_overview):
    builders.run(of, Run.State.NOT_CONVERGED)
    builders.passed_run(of)
    assert "banner-bad" not in open_overview()


def test_a_cancelled_run_is_no_failure(of, run, open_overview):
    builders.run(of, Run.State.CANCELLED)
    assert "banner-bad" not in open_overview()


def test_without_a_run_researchers_are_offered_one_once_there_are_judgments(of, open_overview):
    assert "There are no judgments yet" in open_overview()
    assert "Start a calibration run" not in open_overview()
    builders.judged(of, evaluators=1)
    html = open_overview()
    assert "3 judgments of evaluators and 0 of judges wait" in html
    assert "Start a calibration run" in html


def test_without_a_run_an_auditor_is_told_who_starts_it(of, olga, signed_in):
    builders.judged(of, evaluators=1)
    html = signed_in(olga).get(address("overview", of)).content.decode()
    assert "Start a calibration run" not in html
    assert "A researcher of this campaign starts the run" in html


def test_a_run_under_way_is_linked_instead_of_started_again(of, run, open_overview):
    under_way = builders.run(of, Run.State.RUNNING)
    html = open_overview()
    assert address("run", of, under_way.public_id) in html
    assert "Start a calibration run" not in html


def test_there_is_one_main_button(run, open_overview):
    assert open_overview().partition("<main")[2].count("btn-main") == 1


def test_who_needs_a_look_comes_first(run, open_overview):
    table = open_overview().partition('aria-label="Annotators"')[2].partition("</table>")[0]
    places = [table.index(name) for name in ("dunlin", "Quill-S", "turnstone", "Tally-32b", "heron", "plover")]
    assert places == sorted(places)


def test_what_needs_a_person_is_listed_and_ends_when_it_is_done(of, run, open_overview):
    html = open_overview()
    assert "3 annotators need a look" in html
    assert f"Run {run.pk} is not released" in html
    builders.export(run)
    assert "is not released" not in open_overview()


def test_the_heat_keeps_the_interval_for_every_reader(run, open_overview):
    heat = open_overview().partition('class="table heat"')[2].partition("</table>")[0]
    assert heat.count("90% interval [") == 6
    assert re.search(r'\.56<small><a href="[^"]*system=s00&amp;against=s01">200</a></small>', heat)
    assert re.search(r'\.44<small><a href="[^"]*system=s01&amp;against=s00">200</a></small>', heat)


def test_the_number_of_queries_does_not_grow(rita, signed_in, django_assert_max_num_queries):
    few, many = builders.campaign(by=rita, tasks=2, systems=2), builders.campaign(by=rita, tasks=12, systems=6)
    crowd = [builders.Profile(f"bird {number}") for number in range(30)]
    builders.passed_run(few, builders.PROFILES[:2])
    builders.passed_run(many, crowd)
    client = signed_in(rita)
    with django_assert_max_num_queries(30) as small:
        client.get(address("overview", few))
    with django_assert_max_num_queries(30) as large:
        client.get(address("overview", many))
    assert len(small) == len(large)


def test_several_criteria_are_shown_one_at_a_time(db, signed_in):
    criteria = [CriterionDraft("help", "Helpfulness"), CriterionDraft("honest", "Honesty")]
    of = builders.campaign(criteria=criteria)
    builders.passed_run(of)
    client = signed_in(factories.researcher_of(of))
    html = client.get(address("overview", of)).content.decode()
    assert '<a href="?criterion=help" aria-current="true">' in html
    second = client.get(address("overview", of, query="?criterion=honest")).content.decode()
    assert '<a href="?criterion=honest" aria-current="true">' in second
    assert client.get(address("overview", of, query="?criterion=none")).status_code == 404
