import pytest

from annotation.models import System
from calibration.models import Estimate
from calibration.views.figures import Figure
from calibration.views.tables import systems
from tests.calibration import builders
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
        builders.passed_run(of, [])
        with django_assert_num_queries(10):
            client.get(address("systems", of))
