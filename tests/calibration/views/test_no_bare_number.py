"""No bare number: a decimal in a figure's place has its interval in the same cell, and an n within its panel."""

import re

import pytest

from tests.calibration import boards, builders
from tests.calibration.views.pages import LISTS, address, cells, columns

DECIMAL = re.compile(r"(?<![\d.,])[−+]?\d*\.\d+")
# Posterior probabilities and diagnostics of a fit need no interval; sizes and scales are no estimates.
EXEMPT = {
    "Sure": "posterior probability",
    "Best": "posterior probability",
    "A wins": "posterior probability",
    "Tie": "posterior probability",
    "B wins": "posterior probability",
    "R̂ at most": "diagnostic",
    "ESS at least": "diagnostic",
    "This run": "diagnostic",
    "Must be": "bar of a diagnostic",
    "Scale": "limits of a scale",
    "Meaning": "line of decision",
    "Size": "bytes",
    "Took": "duration",
    "Active time": "duration",
}
PAGES = (*LISTS, "annotator", "task", "run")


@pytest.fixture
def open_page(of, run, rita, signed_in):
    builders.export(run)
    boards.agreed(run)
    boards.placed(run)
    person = builders.judged(of, evaluators=1)[0]
    builders.profile_of(run, person)
    more = {"annotator": [person.public_id], "task": [of.tasks.first().public_id], "run": [run.public_id]}
    return lambda name: signed_in(rita).get(address(name, of, *more.get(name, []))).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_every_decimal_in_a_table_stands_in_its_interval_or_in_an_exempt_column(open_page, name):
    bare = [
        (head, text)
        for head, text in columns(open_page(name).replace("&#770;", "\u0302"))
        if DECIMAL.search(text) and "[" not in text and head not in EXEMPT and not _is_code(head)
    ]
    assert bare == []


def _is_code(head: str) -> bool:
    return head in {"Data", "SHA-256", "File"}


@pytest.mark.parametrize("name", PAGES)
def test_every_decimal_in_a_reading_stands_with_its_interval(open_page, name):
    assert [text for text in cells(open_page(name), "value") if DECIMAL.search(text) and "[" not in text] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_panel_with_an_interval_says_its_n(open_page, name):
    html = open_page(name)
    panels = re.findall(r"<section class=\"panel.*?</section>", html, flags=re.S)
    shown = [panel for panel in panels if re.search(r'class="num">[^<]*<span class="range">\[', panel)]
    without = [panel[:120] for panel in shown if not re.search(r'class="num">n<|n = |>Judgments<|>Tasks<', panel)]
    assert without == []


def test_every_reading_with_an_interval_says_its_n(open_page):
    html = open_page("overview")
    readings = re.findall(r'<div class="reading">.*?</div>', html, flags=re.S)
    assert [text for text in readings if "[" in text and "n = " not in text] == []
