from annotation.models import Annotator, System
from calibration.views import charts
from calibration.views.figures import Figure, around_zero
from calibration.views.tables.annotators import AnnotatorRow
from calibration.views.tables.systems import Against

HOSTILE = '<a href="javascript:alert(1)">x</a>'


def against(name: str, n: int = 100) -> Against:
    return Against(System(key=name, name=name), Figure(0.6, 0.5, 0.8, n))


def annotator(name: str, kind: str = "human", n: int = 100) -> AnnotatorRow:
    shift = Figure(0.1, 0.0, 0.2, n, signed=True)
    return AnnotatorRow(Annotator(name=name, kind=kind), n, Figure(0.8, 0.7, 0.9, n), None, shift, None)


def test_a_chart_of_chances_draws_each_interval_around_its_estimate():
    trace = charts.chances(System(name="one"), [against("two")])["data"][0]
    assert trace["x"] == [0.6]
    assert trace["error_x"]["array"] == [0.8 - 0.6]
    assert trace["error_x"]["arrayminus"] == [0.6 - 0.5]
    assert trace["customdata"] == ["two: 0.60 [0.50, 0.80], n = 100"]


def test_a_chart_draws_nothing_of_few_judgments():
    chart = charts.chances(System(name="one"), [against("two", n=19), against("three")])
    assert chart["layout"]["yaxis"]["ticktext"] == ["three"]
    assert charts.trust([annotator("new", n=19)], around_zero([]))["data"] == []


def test_people_and_judges_are_two_series_with_shapes_of_their_own():
    data = charts.trust([annotator("heron"), annotator("Quill", "judge")], around_zero([]))["data"]
    assert [(trace["name"], trace["marker"]["symbol"]) for trace in data] == [
        ("Evaluators", "circle"),
        ("Judges", "diamond"),
    ]


def test_names_never_become_markup_in_a_chart():
    texts = str(charts.chances(System(name=HOSTILE), [against(HOSTILE)])) + str(
        charts.trust([annotator(HOSTILE)], around_zero([]))
    )
    assert "<a " not in texts
    assert "&lt;a href" in texts


def test_equal_names_keep_rows_of_their_own():
    trace = charts.chances(System(name="one"), [against("two"), against("two")])["data"][0]
    assert trace["y"] == [0, 1]
