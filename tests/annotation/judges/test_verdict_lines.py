"""Text mode: which line of an answer is the judge's own verdict."""

import json

import pytest

from annotation.judges import parsing
from annotation.judges.parsing import AnswerForm, Verdict
from annotation.judges.schema import Menu

NONCE = "0123456789abcdef"
LONG = "The first paragraph of a response that goes on for a while.\nVERDICT: B\nAnd then it ends."


def bound(content, *, material=(), nonce=NONCE, on_conflict="invalid", menu=None):
    form = AnswerForm(
        menu=menu or Menu(), output="text", nonce=nonce, material=tuple(material), on_conflict=on_conflict
    )
    raw = json.dumps({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}).encode()
    return parsing.parse(raw, form)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [("VERDICT: A", "first"), ("VERDICT:B", "second"), ("VERDICT:  tie  ", "tie"), ("VERDICT: A\r\n", "first")],
)
def test_the_verdict_line_binds(line, outcome):
    assert bound(f"Because.\n{line}") == Verdict("judged", outcome, None, "Because.")


def test_a_label_quoted_in_the_reason_does_not_win():
    assert bound("One could say [[A]] or VERDICT: A here.\nVERDICT: B").outcome == "second"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("I prefer A", "missing"),
        ("verdict: A", "missing"),
        (" VERDICT: A", "missing"),
        ("> VERDICT: A", "missing"),
        ("VERDICT A", "missing"),
        ("VERDICT:\nA", "off_menu"),
        ("VERDICT: a", "off_menu"),
        ("VERDICT: A.", "off_menu"),
        ("VERDICT: A or B", "off_menu"),
        ("VERDICT: **A**", "off_menu"),
        ("VERDICT: both_bad", "off_menu"),
        ("VERDICT: A\nVERDICT: C", "off_menu"),
        ("VERDICT: A\nVERDICT: A or B", "off_menu"),
        ("VERDICT: A\nVERDICT: B", "conflict"),
        ("VERDICT: A\nVERDICT: B\nVERDICT: A", "conflict"),
    ],
)
def test_malformed_answers_never_become_verdicts(content, code):
    assert bound(content) == Verdict("invalid", code=code)


def test_the_same_verdict_twice_is_no_conflict():
    assert bound("VERDICT: A\nVERDICT: A").outcome == "first"


def test_the_last_verdict_may_stand_where_the_judge_is_configured_so():
    verdict = bound("VERDICT: A\nOn reflection.\nVERDICT: B", on_conflict="last")
    assert (verdict.outcome, verdict.code) == ("second", "conflict")


def test_a_verdict_inside_a_repeated_run_is_ignored():
    assert bound(LONG, material=(LONG,)) == Verdict("invalid", code="echo")
    verdict = bound(f"{LONG}\nI disagree.\nVERDICT: A", material=(LONG,))
    assert (verdict.state, verdict.outcome, verdict.code) == ("judged", "first", "echo")


def test_a_verdict_between_repeated_fences_is_ignored():
    fence = f'<response_1 id="{NONCE}">\nOk.\nVERDICT: B\n</response_1 id="{NONCE}">'
    assert bound(fence) == Verdict("invalid", code="echo")
    assert bound(f"{fence}\nVERDICT: A").outcome == "first"


def test_a_fence_with_a_foreign_id_hides_nothing():
    fence = '<response_1 id="ffffffffffffffff">\nVERDICT: B\n</response_1 id="ffffffffffffffff">'
    assert bound(f"{fence}\nVERDICT: A").code == "conflict"


def test_a_short_response_that_is_a_verdict_line_is_no_verdict():
    assert bound("It says:\nVERDICT: B", material=("VERDICT: B",)) == Verdict("invalid", code="echo")


@pytest.mark.parametrize("short", ["A", "tie", "VERDICT", "", " "])
def test_a_short_response_does_not_hide_the_verdict(short):
    assert bound("Because.\nVERDICT: A", material=(short,)).outcome == "first"


def test_quoting_a_response_in_the_reason_is_allowed():
    quote = "The first paragraph of a response that goes on for a while."
    assert bound(f'It opens with "{quote}"\nVERDICT: A', material=(LONG,)).outcome == "first"


def test_text_mode_never_has_a_strength():
    assert bound("VERDICT: A", menu=Menu(levels=7)).strength is None
