"""The Markdown dialect of prompts and responses: no raw HTML, no images, tables, formulas, own link check."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from annotation.rendering import delimiters, formulas, highlighting, invisible, links

NESTING_CAP = 20
FORMULA_CAP = 400
# The parser looks for the end of a link from each of them.
BRACKET_CAP = 20_000
# Beyond its own limit the parser drops text without a word, so that limit lies above ours.
_PARSER_NESTING = 2 * NESTING_CAP

_FORMULAS = frozenset({"math_inline", "math_inline_double", "math_block"})
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_FRAME = 'tabindex="0" role="group"'


class TooMuch(Exception):
    """The text is over a cap; its flag says which. Show its source instead."""

    def __init__(self, flag: str) -> None:
        super().__init__(flag)
        self.flag = flag


def to_html(text: str, own_hosts: frozenset[str]) -> tuple[str, set[str]]:
    """Return unsanitized HTML and what had to be shown more plainly than it was written."""
    if text.count("[") > BRACKET_CAP:
        raise TooMuch("nesting")
    parser = _parser(own_hosts)
    env: dict[str, Any] = {"flags": set(), "code": 0}
    tokens = parser.parse(text, env)
    _check(tokens)
    _open_links_elsewhere(tokens)
    _shift_headings(tokens)
    if _RIGHT_TO_LEFT.search(text):
        _mark_direction(tokens)
    return parser.renderer.render(tokens, parser.options, env), env["flags"]


class _Parser(MarkdownIt):
    """Markdown with our own opinion of links."""

    own_hosts: frozenset[str] = frozenset()

    def validateLink(self, url: str) -> bool:
        return links.is_allowed(url, self.own_hosts)


@lru_cache(maxsize=4)
def _parser(own_hosts: frozenset[str]) -> _Parser:
    parser = _Parser("commonmark", {"html": False, "maxNesting": _PARSER_NESTING, "breaks": True})
    parser.own_hosts = own_hosts
    parser.enable(["table", "strikethrough"]).disable("image")
    dollarmath_plugin(parser, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.disable("math_block").use(delimiters.plugin)
    rules = {"fence": _code, "code_block": _code, "table_open": _table_open, "table_close": _table_close}
    for name, rule in (rules | dict.fromkeys(_FORMULAS, _formula)).items():
        parser.add_render_rule(name, rule)
    return parser


def _check(tokens: Sequence[Token]) -> None:
    """Refuse what is nested too deeply or holds too many formulas."""
    every = list(_walk(tokens))
    if any(token.level > NESTING_CAP for token in every):
        raise TooMuch("nesting")
    if sum(token.type in _FORMULAS for token in every) > FORMULA_CAP:
        raise TooMuch("formulas")


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _open_links_elsewhere(tokens: Sequence[Token]) -> None:
    """Open links in a new tab: a click must not cost an unsaved answer."""
    for token in _walk(tokens):
        if token.type == "link_open":
            token.attrSet("target", "_blank")


def _shift_headings(tokens: Sequence[Token]) -> None:
    """Number headings from h3, closing gaps, so that the page's outline never jumps."""
    headings = [token for token in tokens if token.type == "heading_open"]
    ranks = {tag: rank for rank, tag in enumerate(sorted({token.tag for token in headings}))}
    level = 2
    for token in tokens:
        if token.type == "heading_open":
            level = min(3 + ranks[token.tag], level + 1, 6)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{level}"


def _mark_direction(tokens: Sequence[Token]) -> None:
    """Let each outermost block take the direction of its first letter; what is inside follows it."""
    for token in tokens:
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")


def _code(_: Any, tokens: Sequence[Token], index: int, __: Any, env: dict[str, Any]) -> str:
    token = tokens[index]
    code, language = invisible.bidi_visible(token.content), highlighting.language_of(token.info)
    name = f' class="language-{language}"' if language else ""
    env["code"] += len(code)
    if language and env["code"] > highlighting.TEXT_CAP:
        env["flags"].add("code_plain")
        language = None
    body = highlighting.to_html(code, language) if language else escape(code, quote=False)
    return f'<pre {_FRAME} aria-label="Code" dir="ltr"><code{name}>{body}</code></pre>\n'


def _formula(_: Any, tokens: Sequence[Token], index: int, __: Any, env: dict[str, Any]) -> str:
    token = tokens[index]
    source, display = token.content.strip(), token.type != "math_inline"
    body = formulas.to_html(source, display=display)
    if body is None:
        env["flags"].add("formula_source")
        body = formulas.source_html(source)
    if not display:
        return body
    # Inside a paragraph only a span may stand; the style sheet shows both as blocks.
    tag, end = ("div", "\n") if token.type == "math_block" else ("span", "")
    return f'<{tag} class="maths" {_FRAME} aria-label="Formula" dir="ltr">{body}</{tag}>{end}'


def _table_open(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    direction = ' dir="auto"' if tokens[index].attrGet("dir") else ""
    return f'<div class="scroll" {_FRAME} aria-label="Table"><table{direction}>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"
