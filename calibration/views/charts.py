"""Charts as plain dictionaries, so that a web process never imports a plotting library.

Names of systems and annotators are untrusted, and Plotly reads markup in its texts: every name is escaped here.
"""

import html
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.csp import CSP

from annotation.models import System
from calibration.views.figures import Figure, Scale
from calibration.views.tables.annotators import AnnotatorRow
from calibration.views.tables.systems import Against

# Plotly writes style elements of its own; only pages with a chart allow them.
CHART_CSP: dict[str, Any] = {**settings.SECURE_CSP, "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}
NAME_LENGTH = 28
ROW_HEIGHT = 32
MARGINS = 88
PEOPLE, JUDGES, POOLED = 1, 2, 0


@cache
def themes() -> dict[str, Any]:
    """Return the light and the dark template with their interval fills; the page sends both."""
    stored = json.loads((Path(__file__).parent / "plotly-templates.json").read_text())
    return {name: {"template": stored[name], "interval": stored["interval"][name]} for name in ("light", "dark")}


def chances(one: System, against: Sequence[Against]) -> dict[str, Any]:
    """Draw one system's chance against each other on a beam of its own; too few judgments draw nothing."""
    rows = [row for row in against if not row.chance.is_few]
    places = list(range(len(rows)))
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [row.chance.value for row in rows],
        "y": places,
        "error_x": _error([row.chance for row in rows]),
        "marker": {"symbol": "square"},
        "customdata": [f"{_name(row.system.name)}: {row.chance.text}, n = {row.chance.n:,}" for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
        "meta": {"series": POOLED},
    }
    title = f"Chance that {_name(one.name)} is preferred, 90% intervals"
    layout = {
        "height": MARGINS + ROW_HEIGHT * len(rows),
        "showlegend": False,
        "xaxis": {"range": [0, 1], "zeroline": False, "title": {"text": title}},
        "yaxis": _names([row.system.name for row in rows]),
        "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": 0.5, "x1": 0.5, "y0": 0, "y1": 1}],
    }
    return {"data": [trace], "layout": layout}


def _names(names: Sequence[str]) -> dict[str, Any]:
    """Return an axis that lists names from the top; equal names keep rows of their own."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [_name(name) for name in names],
        "range": [len(names) - 0.5, -0.5],
        "showgrid": False,
        "zeroline": False,
    }


def trust(rows: Sequence[AnnotatorRow], position: Scale) -> dict[str, Any]:
    """Draw reliability over position bias, people and judges as two series."""
    people = [row for row in rows if row.annotator.is_human]
    others = [row for row in rows if not row.annotator.is_human]
    traces = [_trust("Evaluators", "circle", PEOPLE, people), _trust("Judges", "diamond", JUDGES, others)]
    title = "Position bias, toward the answer shown first"
    layout = {
        "height": 340,
        "xaxis": {"range": [position.low, position.high], "title": {"text": title}},
        "yaxis": {"range": [0.48, 1.02], "title": {"text": "Reliability"}, "zeroline": False},
    }
    return {"data": [trace for trace in traces if trace["x"]], "layout": layout}


def _trust(name: str, symbol: str, number: int, rows: Sequence[AnnotatorRow]) -> dict[str, Any]:
    known = [(row, row.position, row.reliability) for row in rows if not row.is_few]
    drawn = [(row, position, reliability) for row, position, reliability in known if position and reliability]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [position.value for _, position, _ in drawn],
        "y": [reliability.value for _, _, reliability in drawn],
        "marker": {"symbol": symbol},
        "customdata": [_said(row, position, reliability) for row, position, reliability in drawn],
        "hovertemplate": "%{customdata}<extra></extra>",
        "meta": {"series": number},
    }


def _said(row: AnnotatorRow, position: Figure, reliability: Figure) -> str:
    lines = (f"reliability {reliability.text}", f"position bias {position.text}", f"n = {row.n:,}")
    return "<br>".join((_name(row.annotator.name), *lines))


def _error(shown: Sequence[Figure]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [figure.high - figure.value for figure in shown],
        "arrayminus": [figure.value - figure.low for figure in shown],
    }


def _name(name: str) -> str:
    return html.escape(name if len(name) <= NAME_LENGTH else f"{name[:NAME_LENGTH]}…", quote=False)
