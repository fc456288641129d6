"""The pages of a campaign's results, and what a test reads from them."""

import re
from html.parser import HTMLParser

from django.urls import reverse

from annotation.models import Campaign

LISTS = ("overview", "agreement", "annotators", "systems", "tasks", "judgments", "runs", "releases")
VOID = {"br", "hr", "img", "input", "link", "meta"}


def address(name: str, of: Campaign, *more: object, query: str = "") -> str:
    return reverse(f"calibration:{name}", args=[of.slug, *more]) + query


class _Cells(HTMLParser):
    """Collect the text of every element that has one of the classes, and of each table's head."""

    def __init__(self, classes: set[str]) -> None:
        super().__init__()
        self.classes = classes
        self.found: list[str] = []
        self._open: list[list[str] | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        named = set((dict(attrs).get("class") or "").split())
        self._open.append([] if named & self.classes and tag != "th" else None)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        texts = self._open.pop()
        if texts is not None:
            self.found.append(" ".join(" ".join(texts).split()))

    def handle_data(self, data: str) -> None:
        for texts in self._open:
            if texts is not None:
                texts.append(data)


def cells(html: str, *classes: str) -> list[str]:
    """Return the texts of elements with one of the classes."""
    parser = _Cells(set(classes))
    parser.feed(html)
    return parser.found


def columns(html: str) -> list[tuple[str, str]]:
    """Return (head, text) of every table cell of the page."""
    found: list[tuple[str, str]] = []
    for table in re.findall(r"<table class=\"table\">.*?</table>", html, flags=re.S):
        heads = [_text(head) for head in re.findall(r"<th scope=\"col\".*?</th>", table, flags=re.S)]
        for row in re.findall(r"<tr>.*?</tr>", table.split("</thead>")[1], flags=re.S):
            found += zip(
                heads, [_text(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.S)], strict=False
            )
    return found


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())
