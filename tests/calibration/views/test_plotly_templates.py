"""The colors of the charts are those of the pages."""

import re
from pathlib import Path

import pytest

from calibration.views import charts

TOKENS = Path(__file__).resolve().parents[3] / "static/css/tokens.css"
SERIES = ("data-1", "data-2", "data-3", "data-4", "data-0")
OPACITY = {"light": 0.38, "dark": 0.42}


def tokens(theme: str) -> dict[str, str]:
    """Read the color roles of one theme; the dark block repeats only what differs."""
    css = TOKENS.read_text()
    light, dark = css.split(':root[data-theme="dark"]', 1)
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", light.split("@media")[0]))
    return (
        found if theme == "light" else found | dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", dark.split("}")[0]))
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_text_and_lines_have_the_colors_of_the_tokens(theme):
    colors, layout = tokens(theme), charts.themes()[theme]["template"]["layout"]
    assert layout["colorway"] == [colors[name] for name in SERIES]
    assert layout["font"]["color"] == colors["ink"]
    for axis in (layout["xaxis"], layout["yaxis"]):
        assert axis["gridcolor"] == colors["line"]
        assert axis["linecolor"] == axis["tickcolor"] == colors["line-2"]
        assert axis["tickfont"]["color"] == colors["ink-3"]
        assert axis["zerolinecolor"] == colors["data-0"]
    assert layout["hoverlabel"]["bgcolor"] == colors["raised"]
    heat = [color for _, color in layout["colorscale"]["sequential"]]
    assert heat == [colors[f"heat-{step}"] for step in range(7)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_intervals_have_the_colors_of_their_series_half_transparent(theme):
    colors, fills = tokens(theme), charts.themes()[theme]["interval"]
    for number, fill in fills.items():
        code = colors[f"data-{number}"]
        red, green, blue = (int(code[at : at + 2], 16) for at in (1, 3, 5))
        assert fill == f"rgba({red}, {green}, {blue}, {OPACITY[theme]})"
