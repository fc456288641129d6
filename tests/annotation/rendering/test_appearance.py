"""What the style sheet expects: names, roles, wrappers, classes; and text that reads as it was meant."""

import pytest

from annotation import rendering
from tests.annotation.rendering.inspection import inspect

FRAME = 'tabindex="0" role="group"'


def html_of(text: str) -> str:
    rendered = rendering.render(text)
    assert rendered.flags == ()
    return rendered.html


def test_prose_has_only_plain_elements() -> None:
    assert html_of("Hello **b** *i* ~~s~~ `c`\n\n- one\n- two\n\n> quote\n\n---\n") == (
        "<p>Hello <strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>\n"
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<blockquote>\n<p>quote</p>\n</blockquote>\n<hr>\n"
    )


def test_a_line_end_is_a_line_end() -> None:
    assert (
        html_of("old pond\na frog leaps in\nwater's sound")
        == "<p>old pond<br>\na frog leaps in<br>\nwater's sound</p>\n"
    )


def test_a_list_keeps_its_first_number() -> None:
    assert html_of("7. seven\n8. eight\n").startswith('<ol start="7">')


def test_code_has_a_name_a_language_and_known_classes() -> None:
    code = 'def f(n: int) -> str:\n    """Say it."""\n    return "a" + str(1.5)  # why\n'
    assert html_of(f"```python\n{code}```") == (
        f'<pre {FRAME} aria-label="Code" dir="ltr"><code class="language-python">'
        '<span class="k">def</span> <span class="nf">f</span>(n: <span class="nb">int</span>)'
        ' -&gt; <span class="nb">str</span>:\n'
        '    <span class="sd">"""Say it."""</span>\n'
        '    <span class="k">return</span> <span class="s2">"a"</span> + <span class="nb">str</span>'
        '(<span class="mf">1.5</span>)  <span class="c1"># why</span>\n</code></pre>\n'
    )


@pytest.mark.parametrize("info", ["", "nonsense", "mermaid", '"x"'])
def test_code_of_no_known_language_is_plain(info: str) -> None:
    assert (
        html_of(f"```{info}\na < b\n```") == f'<pre {FRAME} aria-label="Code" dir="ltr"><code>a &lt; b\n</code></pre>\n'
    )


def test_a_table_stands_in_a_wrapper_that_scrolls() -> None:
    html = html_of("| a | b |\n|:--|--:|\n| 1 | 2 |\n")
    assert html.startswith(f'<div class="scroll" {FRAME} aria-label="Table"><table>\n<thead>')
    assert html.endswith("</tbody>\n</table></div>\n")
    assert "style" not in html


@pytest.mark.parametrize(
    "text",
    ["so\n$$\n\\frac{a}{b}\n$$\nholds", "so\n\n$$\\frac{a}{b}$$\n\nholds", "so\n\\[\n\\frac{a}{b}\n\\]\nholds"],
)
def test_a_display_formula_is_a_block_that_scrolls(text: str) -> None:
    assert html_of(text) == (
        f'<p>so</p>\n<div class="maths" {FRAME} aria-label="Formula" dir="ltr"><math display="block"><mrow><mfrac>'
        "<mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac></mrow></math></div>\n<p>holds</p>\n"
    )


@pytest.mark.parametrize("text", ["so $$x$$ holds", "so \\[x\\] holds"])
def test_a_display_formula_within_a_line_has_its_own_wrapper(text: str) -> None:
    assert f'<p>so <span class="maths" {FRAME} aria-label="Formula" dir="ltr"><math display="block">' in html_of(text)


@pytest.mark.parametrize("text", ["where $x^2$ is", "where \\(x^2\\) is"])
def test_an_inline_formula_is_mathml(text: str) -> None:
    assert html_of(text) == (
        '<p>where <math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math> is</p>\n'
    )


@pytest.mark.parametrize("name", ["aligned", "align", "align*", "split", "matrix", "cases"])
def test_formulas_of_several_lines_are_tables(name: str) -> None:
    html = html_of(f"$$\\begin{{{name}}} a &= b \\\\ &= c \\end{{{name}}}$$")
    assert html.count("<mtr>") == 2
    assert "&amp;" not in html
    assert "(1)" not in html


def test_a_formula_the_converter_would_tear_shows_its_source() -> None:
    rendered = rendering.render("$$\\begin{nonsense} a &= b \\end{nonsense}$$")
    assert rendered.flags == ("formula_source",)
    assert rendering.render("$$a \\& b$$").flags == ()


def test_operators_are_characters_not_references() -> None:
    assert "<mo>=</mo>" in html_of("$a = b$")
    assert "<mo>≤</mo>" in html_of("$a \\leq b$")
    assert "<mi>x</mi>" in html_of("$\\boxed{x}$")
    assert "<mo>⏟</mo>" in html_of("$\\underbrace{x}_{y}$")


@pytest.mark.parametrize("text", ["It costs $5 or $6 today.", "US$ 5 and $ 6", "\\$5 and \\$6", "a \\\\( b"])
def test_money_is_not_a_formula(text: str) -> None:
    assert "<math" not in html_of(text)


def test_a_formula_keeps_lines_that_look_like_lists() -> None:
    html = html_of("\\[\na\n- b\n+ c\n\\]")
    assert "<li>" not in html
    assert html.count("<mo>") == 2


def test_formulas_in_quotes_and_lists_are_found() -> None:
    assert html_of("> $$\n> x\n> $$\n").count("<math") == 1
    assert html_of("- a\n\n  $$\n  x\n  $$\n").count("<math") == 1


@pytest.mark.parametrize(
    ("source", "levels"),
    [
        ("# a\n\n## b\n\n### c", "345"),
        ("### a\n\n### b", "33"),
        ("# a\n\n#### b\n\n# c", "343"),
        ("## a\n\n# b\n\n## c", "334"),
        ("# a\n\n## b\n\n### c\n\n#### d\n\n##### e\n\n###### f", "345666"),
        ("Title\n===\n\nb\n---\n", "34"),
    ],
)
def test_headings_start_at_three_and_never_jump(source: str, levels: str) -> None:
    html = html_of(source)
    opened = [part[0] for part in html.split("<h")[1:] if part[0].isdigit()]
    closed = [part[0] for part in html.split("</h")[1:]]
    assert "".join(opened) == "".join(closed) == levels


def test_right_to_left_text_takes_its_own_direction_block_by_block() -> None:
    html = html_of("שלום עולם **abc**\n\n- א\n- ב\n\nplain\n\n```\ncode\n```\n")
    assert html == (
        '<p dir="auto">שלום עולם <strong>abc</strong></p>\n<ul dir="auto">\n<li>א</li>\n<li>ב</li>\n</ul>\n'
        f'<p dir="auto">plain</p>\n<pre {FRAME} aria-label="Code" dir="ltr"><code>code\n</code></pre>\n'
    )


def test_code_shows_the_controls_that_would_reorder_it() -> None:
    html = html_of("```python\nif a:  # \u202e )b fi\n```\n")
    assert "\u202e" not in html
    assert "[U+202E]" in html


def test_names_of_blocks_tell_no_side() -> None:
    html = html_of("```\na\n```\n\n| a |\n|---|\n\n$$\nx\n$$\n")
    assert inspect(html).names == {"Code", "Table", "Formula"}


def test_the_same_text_gives_the_same_html_and_version() -> None:
    assert rendering.render("# a $x$") == rendering.render("# a $x$")
    assert rendering.render("a").renderer_version == rendering.RENDERER_VERSION
    assert len(rendering.RENDERER_VERSION) <= 120
