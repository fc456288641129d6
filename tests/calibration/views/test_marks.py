import pytest
from django.template import Context, Template

from calibration.templatetags import marks
from calibration.views.figures import AGREEMENT, Figure, around_zero

SHOWN = Figure(0.58, 0.53, 0.63, 1918)


def drawn(source: str, **names: object) -> str:
    return Template("{% load marks %}" + source).render(Context(names))


def test_an_interval_has_its_geometry_in_attributes_and_no_style():
    html = drawn("{% interval shown scale 'human' %}", shown=SHOWN, scale=AGREEMENT)
    assert 'x="53.0%" width="10.0%"' in html
    assert '<circle class="dot" cx="58.0%"' in html
    assert 'aria-hidden="true"' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("kind", "css", "shape"), [("human", "", "<circle"), ("judge", "k2", "M0-5"), ("system", "k0", "M-4")]
)
def test_shape_repeats_what_color_says(kind, css, shape):
    html = drawn("{% interval shown scale kind %}", shown=SHOWN, scale=AGREEMENT, kind=kind)
    assert shape in html
    assert f'class="interval{" " + css if css else ""}"' in html


def test_an_interval_with_a_label_is_an_image_with_that_name():
    html = drawn("{% interval shown scale 'human' 'Agreement 0.58' %}", shown=SHOWN, scale=AGREEMENT)
    assert 'role="img" aria-label="Agreement 0.58"' in html


def test_a_mark_beyond_the_limit_is_clipped_and_says_so():
    html = drawn("{% interval shown scale 'human' %}", shown=Figure(-0.2, -0.3, 0.1, 50), scale=AGREEMENT)
    assert 'cx="0.0%"' in html
    assert "clipped" in html


def test_the_line_of_decision_stands_at_zero_on_a_signed_scale():
    html = drawn("{% interval shown scale 'human' %}", shown=Figure(0.1, 0.0, 0.2, 50), scale=around_zero([]))
    assert '<line class="ref" x1="50.0%" x2="50.0%"' in html


@pytest.mark.parametrize("shown", [None, Figure(0.9, 0.6, 1.0, 5)])
def test_no_mark_is_drawn_where_no_estimate_is_shown(shown):
    html = drawn("{% interval shown scale 'human' %}", shown=shown, scale=AGREEMENT)
    assert "dot" not in html
    assert "axis" in html


def test_a_figure_is_text_first():
    assert drawn("{% figure shown %}", shown=SHOWN) == '0.58 <span class="range">[0.53, 0.63]</span>'
    assert drawn("{% figure shown %}", shown=None) == '<span class="range">not estimated</span>'


def test_shares_fill_the_bar_and_name_their_counts():
    html = drawn("{% shares counts %}", counts={"a": 3, "tie": 1, "b": 3, "both_bad": 2})
    assert 'aria-label="A 3, tie 1, B 3, both bad 2"' in html
    assert 'class="share-1" x="0.0%" width="33.3%"' in html
    assert 'class="share-3" x="33.3%" width="11.1%"' in html
    assert 'class="share-0" x="77.8%" width="22.2%"' in html


def test_a_task_without_judgments_has_an_empty_beam():
    html = drawn("{% shares counts %}", counts={})
    assert "rect" not in html
    assert 'aria-label="A 0, tie 0, B 0, both bad 0"' in html


@pytest.mark.parametrize(
    ("value", "n", "css"), [(0.0, 30, "h0"), (0.5, 30, "h3"), (1.0, 30, "h6"), (-0.2, 30, "h0"), (0.5, 29, "h-few")]
)
def test_heat_has_seven_equal_steps_and_dashes_the_few(value, n, css):
    assert marks.heat(Figure(value, value, value, n)) == css


@pytest.mark.parametrize(
    ("value", "text"), [(0.63, ".63"), (1.0, "1.0"), (0.999, "1.0"), (0.0, ".00"), (-0.04, "−.04")]
)
def test_heat_cells_drop_the_leading_zero_and_keep_the_sign(value, text):
    assert marks.fraction(value) == text


def test_sizes_and_durations_are_said_in_a_fitting_unit():
    assert [marks.size(n) for n in (126, 18_200, 18_200_000)] == ["126 B", "18.2 kB", "18.2 MB"]
    assert [marks.seconds(n) for n in (None, 41.5, 600, 9000)] == ["–", "42 s", "10 min", "2.5 h"]


def test_a_chart_carries_its_figure_escaped_in_an_attribute():
    html = drawn("{% chart chart 'Chances' %}", chart={"data": [{"name": '<b>"x"</b>'}]})
    assert "<b>" not in html
    assert "&quot;data&quot;" in html
