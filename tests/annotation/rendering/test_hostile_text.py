import re

import pytest

from annotation import rendering
from annotation.rendering import sanitizing
from tests.annotation.rendering.inspection import LINK_REL, inspect
from tests.annotation.rendering.payloads import PAYLOADS

# Places a payload may stand in beside the start of a paragraph.
WRAPPINGS = [
    "{}",
    "text {} text",
    "- {}",
    "> {}",
    "# {}",
    "**{}**",
    "| a |\n|---|\n| {} |",
    "[{}](https://example.org)",
]


def test_the_corpus_is_large_enough() -> None:
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_executable_or_remote_survives(payload: str) -> None:
    for wrapping in WRAPPINGS:
        rendered = rendering.render(wrapping.format(payload) if wrapping != "{}" else payload)
        assert inspect(rendered.html).complaints == [], (wrapping, rendered.html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_rendered_means_the_same_to_a_second_parse(payload: str) -> None:
    html = rendering.render(payload).html
    assert sanitizing.clean(html) == html


def test_the_sanitizer_alone_stops_what_the_renderer_would_never_write() -> None:
    for payload in PAYLOADS:
        if payload.startswith("<"):
            assert inspect(sanitizing.clean(payload)).complaints == [], payload


def test_the_inspection_would_notice() -> None:
    raw = [payload for payload in PAYLOADS if payload.startswith("<") and inspect(payload).complaints]
    assert len(raw) >= 50


def test_raw_html_is_shown_as_it_was_written() -> None:
    text = inspect(rendering.render("a <b onclick=hit()>bold</b> &amp;").html).words
    assert "".join(text).strip() == "a <b onclick=hit()>bold</b> &"


def test_a_refused_link_stays_readable_as_text() -> None:
    html = rendering.render("[pay here](javascript:hit())").html
    assert html == "<p>[pay here](javascript:hit())</p>\n"


def test_a_link_carries_its_guards() -> None:
    html = rendering.render("[x](https://example.org/a?b=1&c=2)").html
    assert html == (f'<p><a href="https://example.org/a?b=1&amp;c=2" target="_blank" rel="{LINK_REL}">x</a></p>\n')


@pytest.mark.parametrize(
    "target",
    ["https://ours.example/logout", "https://OURS.example:8000/", "http://ours.example./x", "https://ours.example"],
)
def test_a_link_to_our_own_host_is_not_made(target: str) -> None:
    own_hosts = frozenset({"ours.example"})
    assert "<a" not in rendering.render(f"[x]({target})", own_hosts=own_hosts).html
    assert "<a" in rendering.render(f"[x]({target})").html
    assert "<a" in rendering.render("[x](https://ours.example.org/)", own_hosts=own_hosts).html


def test_an_image_degrades_to_a_link_that_nobody_fetches() -> None:
    html = rendering.render("![a chart](https://example.org/x.png)").html
    assert re.fullmatch(r'<p>!<a href="https://example\.org/x\.png" [^>]*>a chart</a></p>\n', html)


def test_roles_of_messages_cannot_carry_markup() -> None:
    class Turn:
        role = '"><script>hit()</script>'
        content = "hello"

    html = rendering.render_messages([Turn(), Turn()]).html
    assert inspect(html).complaints == []
    assert "hit" not in html
