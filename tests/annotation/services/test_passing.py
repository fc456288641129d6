import pytest
from scipy import stats

from annotation.services import passing


@pytest.mark.parametrize(("size", "line", "accuracy"), [(24, 18, 0.5), (24, 18, 0.9), (10, 10, 0.7), (30, 1, 0.05)])
def test_the_chance_is_that_of_an_independent_implementation(size, line, accuracy):
    assert passing.chance(size, line, accuracy) == pytest.approx(stats.binom.sf(line - 1, size, accuracy), abs=1e-12)


def test_twenty_four_tasks_and_a_line_of_eighteen_keep_the_promise():
    assert 1 - passing.chance(24, 18, 0.5) >= 0.94
    assert passing.chance(24, 18, 0.9) >= 0.99


@pytest.mark.parametrize("size", [10, 20, 24, 30, 50])
def test_the_suggested_line_is_the_highest_that_an_honest_person_passes(size):
    line = passing.suggested_line(size)
    assert passing.chance(size, line, 0.9) >= 0.99
    assert passing.chance(size, line + 1, 0.9) < 0.99


def test_the_curve_rises_and_the_retake_helps_everybody():
    rows = passing.curve(24, 18, one_sided=0.8, menu=4)
    assert [row.accuracy for row in rows][:3] == [0.25, 0.4, 0.4]
    assert all(row.with_retake >= row.first for row in rows)
    honest = next(row for row in rows if row.accuracy == 0.95)
    assert honest.first > 0.999


def test_who_copies_a_judge_passes_as_often_as_the_judge_is_right_here():
    model = passing.Model("lumen-2", right=18, of=20)
    rows = passing.curve(24, 18, one_sided=1.0, menu=4, models=[model])
    assert rows[-1].name == "copies lumen-2 (right on 18 of 20 known answers here)"
    assert rows[-1].first == pytest.approx(passing.chance(24, 18, 0.9))
    assumed = passing.curve(24, 18, one_sided=1.0, menu=4)[-1]
    assert "no judge has answered" in assumed.name
    assert assumed.first == pytest.approx(passing.chance(24, 18, 0.8))
