"""The rules of the design that can be read from the files: contrast, equal dark blocks, no inline style or script."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests import factories

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text()
PAIRS = json.loads((Path(__file__).parent / "contrast.json").read_text())["pairs"]
FIRST_SCREEN_BYTES = 20_000


def values(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def block(selector: str) -> dict[str, str]:
    start = TOKENS.index(selector)
    return values(TOKENS[start : TOKENS.index("}", start)])


def luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, ground: str) -> float:
    light, dark = sorted([luminance(ink), luminance(ground)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_in_use_has_the_contrast_it_needs(theme):
    colors = block(":root {") | (block(':root[data-theme="dark"] {') if theme == "dark" else {})
    for pair in PAIRS:
        measured = contrast(colors[pair["ink"]], colors[pair["ground"]])
        assert measured >= pair["need"], pair
        assert measured == pytest.approx(pair[theme], abs=0.01), pair


def test_dark_is_the_same_by_choice_and_by_system():
    by_system, by_choice = block(':root:not([data-theme="light"]) {'), block(':root[data-theme="dark"] {')
    assert by_system == by_choice


def test_no_color_stands_outside_the_tokens():
    for style in STYLES:
        if style.name != "tokens.css":
            found = re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", style.read_text())
            assert found == [], f"{style.name}: {found}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_carries_style_or_script_of_its_own(template):
    html = template.read_text()
    assert not re.search(r"\sstyle=|<style\b", html)
    assert not re.search(r"\son[a-z]+=|hx-on|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", html))
    assert "|safe" not in html
    assert "autoescape off" not in html


def test_stored_markup_enters_pages_in_one_place_only():
    using = [path.name for path in TEMPLATES if "stored_html" in path.read_text()]
    assert using == ["rendered.html"]
    assert "hx-disable" in (ROOT / "templates/components/rendered.html").read_text()


def test_every_class_of_a_template_is_one_that_the_styles_know():
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", " ".join(style.read_text() for style in STYLES)))
    for template in TEMPLATES:
        html = re.sub(r"{{.*?}}", "{}", re.sub(r"{%.*?%}", " ", template.read_text()))
        for value in re.findall(r'class="([^"]*)"', html):
            names = {name for name in value.split() if not re.search(r"[{}]", name)}
            assert names <= known, f"{template.name}: {names - known}"


@pytest.mark.django_db
def test_the_first_screen_of_the_desk_is_light(as_):
    campaign = factories.campaign()
    factories.task(campaign)
    page = as_(factories.evaluator(campaign)).get(f"/evaluate/{campaign.slug}/").content
    styles = [(ROOT / "static" / "css" / name).read_bytes() for name in ("tokens.css", "components.css", "desk.css")]
    assert sum(len(gzip.compress(part)) for part in [page, *styles]) < FIRST_SCREEN_BYTES
