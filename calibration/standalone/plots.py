"""One page of interval plots that needs nothing from outside."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.io
from plotly.offline import get_plotlyjs

from calibration.standalone.results import NOT_RELEASED, Calibration, Part

MOST_ROWS = 60
NAME_LENGTH = 40
ROW_HEIGHT, MARGINS = 22, 130
STYLE = "body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}.alert{font-weight:700}"


@dataclass(frozen=True, slots=True)
class Plot:
    """A column of a table to be drawn with its interval, best first; ``reference`` is a line to compare with."""

    table: str
    names: tuple[str, ...]
    value: str
    title: str
    reference: float | None = None


PLOTS = (
    Plot("systems", ("system",), "win_probability", "Chance to be preferred to the average system", 0.5),
    Plot("annotators", ("annotator",), "reliability", "Reliability: expected accuracy against the consensus", 0.5),
    Plot("annotators", ("annotator",), "position_shift", "Position bias: shift toward the answer shown first", 0.0),
    Plot("annotators", ("annotator",), "accuracy", "Accuracy of each annotator"),
    Plot("prevalence", ("system", "label"), "share", "How frequent each label is"),
)


def page(calibration: Calibration) -> str:
    """Return the page as HTML; equal calibrations give equal pages."""
    title = f"Calibration of {calibration.run['input']}"
    body = [f"<h1>{html.escape(title)}</h1>", _facts(calibration)]
    for number, (criterion, part) in enumerate(calibration.parts.items()):
        if criterion:
            body.append(f"<h2>{html.escape(criterion)}</h2>")
        body += _figures(part, f"plot-{number}")
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    script = f"<script>{get_plotlyjs()}</script>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}{script}</head><body>{"".join(body)}</body></html>\n'


def _facts(calibration: Calibration) -> str:
    run = calibration.run
    lines = [
        f"{run['rows_used']:,} of {run['rows']:,} judgments, seed {run['settings']['seed']}. "
        "Points are posterior means, bars 90% intervals; all numbers are in the CSV files beside this page."
    ]
    lines += calibration.warnings
    told = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    return told if calibration.passed else f'<p class="alert" role="alert">{html.escape(NOT_RELEASED)}</p>{told}'


def _figures(part: Part, name: str) -> Iterator[str]:
    for number, plot in enumerate(PLOTS):
        table = part.tables.get(plot.table)
        if table is not None and plot.value in table:
            figure = _figure(plot, table)
            yield plotly.io.to_html(
                figure,
                include_plotlyjs=False,
                full_html=False,
                validate=False,
                div_id=f"{name}-{number}",
                config={"displaylogo": False},
            )


def _figure(plot: Plot, table: pd.DataFrame) -> dict[str, Any]:
    names = [name for name in plot.names if name in table]
    drawn = table.sort_values([plot.value, *names], ascending=[False, *(True for _ in names)]).head(MOST_ROWS)
    value, low, high = (drawn[f"{plot.value}{end}"] for end in ("", "_low", "_high"))
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": value.tolist(),
        "y": list(range(len(drawn))),
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (high - value).tolist(),
            "arrayminus": (value - low).tolist(),
        },
        "hovertext": [_said(row, plot, names) for row in drawn.to_dict("records")],
        "hoverinfo": "text",
    }
    return {
        "data": [trace],
        "layout": _layout(plot, [_name(row, names) for row in drawn.to_dict("records")], len(table)),
    }


def _layout(plot: Plot, names: list[str], total: int) -> dict[str, Any]:
    left_out = f" (the first {len(names)} of {total:,})" if total > len(names) else ""
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": plot.reference, "x1": plot.reference, "y0": 0, "y1": 1}
    return {
        "title": {"text": f"{plot.title}{left_out}"},
        "height": MARGINS + ROW_HEIGHT * len(names),
        "margin": {"l": 240},
        "shapes": [] if plot.reference is None else [line | {"line": {"dash": "dot", "width": 1}}],
        "yaxis": {
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "range": [len(names) - 0.5, -0.5],
        },
    }


def _said(row: dict[str, Any], plot: Plot, names: list[str]) -> str:
    value, low, high = (row[f"{plot.value}{end}"] for end in ("", "_low", "_high"))
    return f"{_name(row, names)}: {value:.3f} [{low:.3f}, {high:.3f}], n = {row['n']:,}"


def _name(row: dict[str, Any], names: list[str]) -> str:
    """Name a row; Plotly reads markup in its texts, so it is escaped."""
    name = ", ".join("all" if pd.isna(row[part]) else str(row[part]) for part in names)
    return html.escape(name if len(name) <= NAME_LENGTH else f"{name[:NAME_LENGTH]}…", quote=False)
