"""Every cap leads to escaped source and a flag; counts bound the work, a clock only catches what explodes."""

import time

import pytest

from annotation import rendering
from annotation.rendering import documents, formulas, highlighting, markdown
from tests.annotation.rendering.inspection import inspect

SOURCE = '<pre tabindex="0" role="group" aria-label="Source"><code>'
# The most expensive patterns found for the parser, the formula converter and the lexers.
HOSTILE = [
    "[", "![", "[a](", "[a]: b\n", "*a **b", "**a", "*_", "``a`", "<a", "&amp;", "> ", "- a\n\n", "# a\n", "a|b\n-|-\n",
    "$", "$a", "$a$ ", "$$", "$$\n", "$$\na\n$$\n", "\\(", "\\(a\\)", "\\[\n", "\\[a\n\\]\n", "\\", "a  \n",
    "$" + "x" * 1900 + "$ ", "$" + "'" * 1900 + "$ ", "$" + "\\sqrt" * 390 + "x$ ", "$" + "&" * 1900 + "$ ",
    "$" + "^" * 1900 + "$ ", "$" + "{" * 900 + "}" * 900 + "$ ", "$" + "\\left(" * 300 + "$ ",
    "```python\n" + " \n" * 9000 + "```\n", "```java\n" + "a\n" * 9000 + "```\n", "```c\n" + " \n" * 9000 + "```\n",
    "```csharp\n" + "a\n" * 9000 + "```\n", "```ts\n" + "a." * 9000 + "\n```\n", "```go\n" + '\\"' * 9000 + "\n```\n",
    '```r\n"' + "{" * 9000 + "\n```\n", "```css\n{" + "a" * 18000 + "\n```\n", "```js\n" + '\\"' * 9000 + "\n```\n",
]  # fmt: skip


def repeated(pattern: str, length: int) -> str:
    return (pattern * (length // len(pattern) + 1))[:length]


# Those of them that cost most for each byte.
WORST = ["[", "*_", "a|b\n-|-\n", "$" + "&" * 1900 + "$ ", "```csharp\n" + "a\n" * 9000 + "```\n"]
SIZES = [(pattern, 20_000) for pattern in HOSTILE] + [(pattern, documents.SOURCE_CAP) for pattern in WORST]


@pytest.mark.parametrize(("pattern", "size"), SIZES, ids=lambda value: repr(value)[:16])
def test_the_worst_texts_found_are_bounded_in_size_and_work(pattern: str, size: int) -> None:
    started = time.thread_time()
    rendered = rendering.render(repeated(pattern, size))
    assert time.thread_time() - started < 20
    assert len(rendered.html) < 2 * documents.HTML_CAP
    assert inspect(rendered.html).complaints == []


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("a" * 100_001, "source_too_long"),
        ("é" * 50_001, "source_too_long"),
        ("> " * 21 + "a", "nesting"),
        ("".join("  " * depth + "- a\n" for depth in range(12)), "nesting"),
        ("*a **b " * 30 + "c** d*" * 30, "nesting"),
        ("[" * 20_001, "nesting"),
        ("$a$ " * 401, "formulas"),
    ],
    ids=lambda value: value[:20],
)
def test_a_text_over_a_cap_shows_its_source_and_says_so(text: str, flag: str) -> None:
    rendered = rendering.render(text)
    assert rendered.flags == (flag,)
    assert rendered.html.startswith(SOURCE)
    assert "".join(inspect(rendered.html).words).strip() == text.strip()


def test_html_over_its_cap_shows_the_source_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "|a|b|c\n|-|-|-\n" + "|\n" * 500
    assert rendering.render(text).flags == ()
    monkeypatch.setattr(documents, "HTML_CAP", 10_000)
    rendered = rendering.render(text)
    assert rendered.flags == ("html_too_long",)
    assert rendered.html.startswith(SOURCE)


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "é" * 50_000, "> " * 18 + "a", "$a$ " * 400, "| a |\n|---|\n" + "| b |\n" * 1000],
    ids=["bytes", "accents", "depth", "formulas", "table"],
)
def test_a_text_at_a_cap_is_rendered(text: str) -> None:
    rendered = rendering.render(text)
    assert rendered.flags == ()
    assert SOURCE not in rendered.html


def test_nothing_of_a_deeply_nested_text_is_dropped() -> None:
    for depth in (5, 15, 25, 45, 200):
        assert "the end" in rendering.render("> " * depth + "the end").html
        assert "the end" in rendering.render("".join("  " * level + "- a\n" for level in range(depth)) + "the end").html


def test_a_source_that_does_not_fit_is_cut_with_a_sentence() -> None:
    rendered = rendering.render("&" * 3_000_000)
    assert rendered.flags == ("source_too_long", "cut")
    assert len(rendered.html) < 1.1 * documents.HTML_CAP
    assert "too long to be shown whole" in rendered.html


def test_long_code_is_shown_whole_but_plain() -> None:
    code = "x = 1\n" * (highlighting.TEXT_CAP // 6 + 1)
    rendered = rendering.render(f"```python\n{code}```\n")
    assert rendered.flags == ("code_plain",)
    assert "<span" not in rendered.html
    assert "".join(inspect(rendered.html).words).strip() == code.strip()


def test_the_budget_for_colour_counts_all_code_of_a_text() -> None:
    block = "```python\n" + "x = 1\n" * 2000 + "```\n"
    assert rendering.render(block).flags == ()
    assert rendering.render(block * 2).flags == ("code_plain",)


@pytest.mark.parametrize("size", [10, 1999, 2000, 2001, 5000, 19_000])
@pytest.mark.parametrize("language", ["python", "c", "csharp"])
def test_cutting_code_into_pieces_loses_nothing(size: int, language: str) -> None:
    code = repeated("int a = 1; /* b */\n\nreturn 'c';\n", size)
    assert "".join(inspect(highlighting.to_html(code, language)).words) == code


@pytest.mark.parametrize(
    "source",
    [
        "x" * (formulas.LENGTH_CAP + 1),
        "{" * 21 + "x" + "}" * 21,
        "\\sqrt" * 100 + "x",
        "^",
        "\\left(",
        "\\frac",
        "\\nonsense{",
    ],
    ids=lambda source: source[:12],
)
def test_a_formula_that_cannot_be_drawn_shows_its_source(source: str) -> None:
    rendered = rendering.render(f"so ${source}$ holds")
    assert rendered.flags == ("formula_source",)
    assert f"<code>{source}</code>" in rendered.html


def test_a_fault_of_the_parser_costs_the_formatting_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(markdown, "to_html", fail)
    rendered = rendering.render("**a** <b>")
    assert rendered.flags == ("render_failed",)
    assert rendered.html == f"{SOURCE}**a** &lt;b&gt;</code></pre>\n"


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "a\x00b\udfffc", "\ufeff", "\r\n\r\n", "\u2028", "\U0010ffff"])
def test_any_text_can_be_rendered_and_encoded(text: str) -> None:
    html = rendering.render(text).html
    assert "\x00" not in html
    html.encode()
