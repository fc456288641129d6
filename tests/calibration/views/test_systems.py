import re

import pytest

from annotation.models import System
from calibration.models import Estimate
from calibration.views.figures import Figure
from calibration.views.tables import systems
from tests.calibration import boards, builders
from tests.calibration.views.pages import LISTS, address, columns


@pytest.fixture
def criterion(of):
    return of.rubric.criteria.get()


def test_the_strongest_comes_first_with_its_rank_as_an_interval(run, criterion):
    rows = systems.rows(run, criterion)
    assert [row.system.name for row in rows] == ["Cobalt 3", "Feldspar 7b", "Cobalt 2"]
    assert [row.rank for row in rows] == ["1", "2", "2 to 4"]


def test_the_stored_chance_of_a_pair_is_mirrored_for_the_other_side(of, run, criterion):
    first, second = of.systems.order_by("key")[:2]
    matrix = systems.chances(run, criterion)
    shown, mirror = matrix[first.pk, second.pk], matrix[second.pk, first.pk]
    assert mirror.value == pytest.approx(1 - shown.value)
    assert (mirror.low, mirror.high) == pytest.approx((1 - shown.high, 1 - shown.low))
    assert mirror.n == shown.n


def test_two_stored_directions_are_both_kept(of, run, criterion):
    first, second = of.systems.order_by("key")[:2]
    stored = {"value": 0.3, "ci_low": 0.2, "ci_high": 0.4, "n": 200}
    Estimate.objects.create(
        run=run, criterion=criterion, quantity="win_probability", system=second, against=first, **stored
    )
    assert systems.chances(run, criterion)[second.pk, first.pk].value == 0.3


def test_neighbors_whose_chance_may_be_even_cannot_be_told_apart(run, criterion):
    rows = systems.rows(run, criterion)
    even, clear = Figure(0.55, 0.48, 0.62, 90), Figure(0.7, 0.6, 0.8, 90)
    keys = [row.system.pk for row in rows]
    matrix = {(keys[0], keys[1]): clear, (keys[1], keys[2]): even}
    assert systems.indistinct(rows, matrix) == [(rows[1], rows[2])]


def test_the_page_shows_the_strongest_against_the_others(of, run, rita, signed_in):
    cells = columns(signed_in(rita).get(address("systems", of)).content.decode())
    assert ("Chance of Cobalt 3", "0.56 [0.49, 0.63]") in cells
    assert ("Against", "Cobalt 3") not in cells


def test_another_system_is_chosen_by_its_key(of, run, rita, signed_in):
    html = signed_in(rita).get(address("systems", of, query="?system=s02")).content.decode()
    assert ("Chance of Cobalt 2", "0.38 [0.31, 0.45]") in columns(html)


def test_an_unknown_system_is_not_found(of, run, rita, signed_in):
    assert signed_in(rita).get(address("systems", of, query="?system=none")).status_code == 404


def test_htmx_gets_the_chances_alone(of, run, rita, signed_in):
    answer = signed_in(rita).get(
        address("systems", of, query="?system=s01"), headers={"HX-Request": "true", "HX-Target": "chances"}
    )
    html = answer.content.decode()
    assert html.strip().startswith('<div class="grid" id="chances">')
    assert "data-chart=" in html
    assert "<script" not in html


def test_a_chance_of_few_judgments_is_not_estimated(of, run, rita, signed_in):
    Estimate.objects.filter(run=run, quantity="win_probability").update(n=19)
    assert ("Chance of Cobalt 3", "from 20 tasks on") in columns(
        signed_in(rita).get(address("systems", of)).content.decode()
    )


def test_names_of_systems_are_escaped(of, run, rita, signed_in):
    System.objects.filter(campaign=of, key="s00").update(name="<script>alert(1)</script>")
    for name in ("overview", "systems"):
        assert "<script>alert" not in signed_in(rita).get(address(name, of)).content.decode()


def test_only_pages_with_a_chart_allow_styles_of_a_script(of, run, rita, signed_in):
    policies = {name: signed_in(rita).get(address(name, of))["Content-Security-Policy"] for name in LISTS}
    assert {name for name, policy in policies.items() if "unsafe-inline" in policy} == {"systems", "annotators"}
    assert all("script-src 'self';" in f"{policy};" for policy in policies.values())


def test_the_page_takes_the_same_queries_for_any_number(rita, signed_in, django_assert_num_queries):
    few, many = builders.campaign(by=rita, tasks=1, systems=2), builders.campaign(by=rita, tasks=30, systems=8)
    client = signed_in(rita)
    for of in (few, many):
        boards.placed(builders.passed_run(of, []))
    for of in (few, many):
        with django_assert_num_queries(15):
            client.get(address("systems", of))


def test_ranks_come_with_their_distribution_and_the_votes_that_flip_them(of, run, rita, signed_in):
    boards.placed(run)
    html = signed_in(rita).get(address("systems", of)).content.decode()
    cells = columns(html)
    assert [text for head, text in cells if head == "Flips at"] == ["32", "23", "– nobody below it"]
    assert [text for head, text in cells if head == "Best"] == ["0.80", "0.20", "0.09"]
    assert ("Preferred", "0.62 [0.56, 0.68]") in cells
    assert '<h2 id="h-ranks">Ranks</h2>' in html


def test_systems_that_were_never_compared_are_never_ranked_across(of, run, rita, criterion, signed_in):
    boards.placed(run, components=2)
    html = signed_in(rita).get(address("systems", of)).content.decode()
    assert "The systems fall into 2 groups that were never compared." in html
    assert [row.system.key for row in systems.rows(run, criterion)] == ["s00", "s02", "s01"]
    assert re.findall(r"<h2 id=\"h-[^\"]*\">(Strength and rank[^<]*|Ranks[^<]*)</h2>", html) == [
        "Strength and rank, group 1",
        "Strength and rank, group 2",
        "Ranks in group 1",
    ]
    rows = systems.rows(run, criterion)
    assert (rows[1], rows[2]) not in systems.indistinct(rows, {})


def test_runs_of_one_protocol_stand_side_by_side_and_others_are_refused(of, run, rita, signed_in):
    earlier, unlike = builders.passed_run(of, []), builders.passed_run(of, [])
    boards.placed(earlier)
    boards.placed(unlike, pool_version="d" * 64)
    newest = builders.passed_run(of)
    boards.placed(newest)
    client = signed_in(rita)
    beside = client.get(address("systems", of, query=f"?with={earlier.public_id}")).content.decode()
    assert "<strong>Comparable:</strong>" in beside
    assert (f"Preferred, run {earlier.pk}", "0.62 [0.56, 0.68]") in columns(beside)
    refused = client.get(address("systems", of, query=f"?with={unlike.public_id}")).content.decode()
    assert f"The pool of tasks differs: {'b' * 12} and {'d' * 12}" in refused
    assert f"Preferred, run {unlike.pk}" not in refused


def test_a_run_that_one_may_not_read_is_not_found_beside(of, run, rita, signed_in):
    foreign = builders.passed_run(builders.campaign())
    for wanted in (foreign.public_id, "x"):
        assert signed_in(rita).get(address("systems", of, query=f"?with={wanted}")).status_code == 404


def test_a_board_that_was_not_computed_says_why(of, run, rita, signed_in, criterion):
    run.figures = {"unranked": {criterion.key: "300 systems are more than the 60."}}
    run.save()
    assert "300 systems are more than the 60." in signed_in(rita).get(address("systems", of)).content.decode()
