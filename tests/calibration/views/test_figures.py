from datetime import timedelta

import pytest
from django.utils import timezone, translation

from calibration.views import figures
from calibration.views.figures import AGREEMENT, RELIABILITY, Figure


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (0.876, {}, "0.88"),
        (-0.041, {"signed": True}, "−0.04"),
        (0.041, {"signed": True}, "+0.04"),
        (-0.001, {"signed": True}, "0.00"),
        (12345.6, {"digits": 0}, "12,346"),
    ],
)
def test_a_number_has_a_true_minus_its_sign_and_grouped_thousands(value, options, text):
    assert figures.number(value, **options) == text


def test_a_number_follows_the_separators_of_the_reader():
    with translation.override("de"):
        assert figures.number(1234.5, digits=1) == "1.234,5"


def test_a_figure_stands_with_its_interval_in_brackets():
    assert Figure(0.21, 0.13, 0.29, 212, signed=True).text == "+0.21 [+0.13, +0.29]"
    assert Figure(0.73, 0.7, 0.76, 1918, percent=True).text == "73% [70, 76]"


def test_fewer_than_twenty_give_no_estimate():
    assert Figure(0.9, 0.6, 1.0, 19).text == "from 20 tasks on"
    assert Figure(0.9, 0.6, 1.0, 20).text == "0.90 [0.60, 1.00]"


def test_a_ruler_has_its_ends_its_middle_and_no_idle_zeros():
    assert [tick.label for tick in RELIABILITY.ticks] == ["0.5", "0.75", "1"]
    assert [tick.label for tick in figures.around_zero([]).ticks] == ["−0.4", "0.0", "+0.4"]
    assert [tick.place for tick in AGREEMENT.ticks] == ["0.0%", "50.0%", "100.0%"]


def test_limits_widen_in_fixed_steps_for_the_whole_column():
    narrow, wide = Figure(0.1, -0.2, 0.39, 50), Figure(0.5, 0.3, 0.41, 50)
    assert figures.around_zero([narrow, None]).high == 0.4
    assert figures.around_zero([narrow, wide]).high == 0.8


def test_a_figure_of_few_does_not_widen_its_column():
    assert figures.around_zero([Figure(0.1, -3.0, 3.0, 5)]).high == 0.4


def test_a_place_on_a_scale_is_clipped_to_it():
    assert AGREEMENT.percent(-0.2) == 0
    assert AGREEMENT.percent(0.25) == 25
    assert not AGREEMENT.holds(Figure(0.0, -0.1, 0.1, 50))


def test_limits_from_zero_hold_every_interval():
    assert figures.from_zero([Figure(0.22, 0.17, 0.27, 50)]).high == 0.5
    assert figures.from_zero([Figure(1.9, 1.5, 2.3, 50)]).high == 4
    assert figures.from_zero([Figure(0.2, 0.1, 0.3, 50)], reference=1.0).high == 2


def test_age_is_said_in_its_largest_unit():
    now = timezone.now()
    assert figures.age(None) == "–"
    assert figures.age(now) == "just now"
    assert figures.age(now - timedelta(hours=3, minutes=10)) == "3 hours ago"
